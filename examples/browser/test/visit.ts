import type {Browser, Download, Page} from 'playwright-core';

import type {ChosenFile} from './own_models';

export interface VisitArgs {
  width?: number;
}

/** The page, opened and ready, and what it did that it should not. */
export class Visit {
  /** Errors on the console or thrown. */
  readonly errors: string[] = [];
  /** Requests to anywhere but the page's server. */
  readonly strangers: string[] = [];

  private constructor(
    readonly page: Page,
    url: string,
  ) {
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        this.errors.push(message.text());
      }
    });
    page.on('request', (request) => {
      // blob: and data: are of the page itself.
      if (request.url().startsWith('http') && !request.url().startsWith(url)) {
        this.strangers.push(request.url());
      }
    });
  }

  static async begin(
    browser: Browser,
    url: string,
    {width = 1200}: VisitArgs = {},
  ): Promise<Visit> {
    const page = await browser.newPage({viewport: {width, height: 900}});
    page.setDefaultTimeout(500_000);
    const visit = new Visit(page, url);
    await page.goto(url);
    await page.waitForSelector('#train-button:enabled');
    return visit;
  }

  /** Chooses options of the form; few images and epochs unless told. */
  async choose(options: Record<string, string>): Promise<void> {
    const {page} = this;
    const few = {images: '1000', batchSize: '128', epochs: '2', pruningEpochs: '1'};
    const chosen = {...few, ...options};
    await page
      .locator('#train-form details')
      .evaluate((details: HTMLDetailsElement) => (details.open = true));
    for (const [name, value] of Object.entries(chosen)) {
      const field = page.locator(`#train-form [name=${name}]`).first();
      const type = await field.getAttribute('type');
      if (type === 'radio') {
        await page.locator(`#train-form [name=${name}][value=${value}]`).check();
      } else if (type === null) {
        await field.selectOption(value);
      } else {
        await field.fill(value);
      }
    }
  }

  /** Trains as chosen, until it is done. */
  async train(options: Record<string, string>): Promise<void> {
    await this.choose(options);
    await this.page.click('#train-button');
    await this.page.waitForFunction(
      () =>
        document.querySelector('#status')!.textContent.startsWith('Done') ||
        !document.querySelector<HTMLElement>('#alert')!.hidden,
    );
    const alert = await this.page.textContent('#alert');
    if (alert) {
      throw new Error(alert);
    }
  }

  /** Drops `files` on the element of this selector. */
  async drop(selector: string, files: readonly ChosenFile[]): Promise<void> {
    const given = files.map(({name, mimeType, buffer}) => ({
      ...{name, mimeType},
      text: buffer.toString('base64'),
    }));
    const dataTransfer = await this.page.evaluateHandle((all) => {
      const transfer = new DataTransfer();
      for (const {name, mimeType, text} of all) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, {type: mimeType}));
      }
      return transfer;
    }, given);
    await this.page.dispatchEvent(selector, 'drop', {dataTransfer});
  }

  async show(tab: string): Promise<void> {
    await this.page.click(`#tab-${tab}`);
  }

  /** The cells of the row with this heading. */
  async cells(heading: string): Promise<string[]> {
    const row = this.page.locator('tr:visible', {has: this.page.getByText(heading, {exact: true})});
    const texts = await row.locator('td').allInnerTexts();
    return texts.map((text) => text.replace(/\u00a0/g, ' '));
  }

  /** The files that a click on `button` brings. */
  async download(button: string, count: number, folder: string): Promise<string[]> {
    const downloads: Download[] = [];
    const all = new Promise<void>((done) =>
      this.page.on('download', (download) => downloads.push(download) === count && done()),
    );
    await this.page.click(button);
    await all;
    this.page.removeAllListeners('download');
    return Promise.all(
      downloads.map(async (download) => {
        const path = `${folder}/${download.suggestedFilename()}`;
        await download.saveAs(path);
        return path;
      }),
    );
  }
}
