import type {Browser, BrowserContext, Download, Page} from 'playwright-core';

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
    browser: Browser | BrowserContext,
    url: string,
    {width = 1200}: VisitArgs = {},
  ): Promise<Visit> {
    const page = await browser.newPage();
    await page.setViewportSize({width, height: 900});
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

  /** Drops files and folders of this machine on the element, as the system's file manager does. */
  async drop(selector: string, ...files: string[]): Promise<void> {
    const {page} = this;
    const target = page.locator(selector);
    await target.scrollIntoViewIfNeeded();
    const {x, y, width, height} = (await target.boundingBox())!;
    const at = {x: x + width / 2, y: y + height / 2};
    const data = {items: [], files, dragOperationsMask: 1};
    const client = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await client.send('Input.dispatchDragEvent', {type, ...at, data});
    }
    await client.detach();
  }

  /** The accuracy in percent of the dense mlp pruned at once, in the view for it. */
  async pruneAtOnce(sparsity: number, scope: 'layer' | 'global' = 'layer'): Promise<number> {
    const {page} = this;
    await this.show('one-shot');
    const slider = page.locator('[name=one-shot-sparsity]');
    // 99 % is the same number of zeros in both scopes, and none that is asked for.
    await slider.fill('99');
    const told = page.locator('#one-shot-change');
    await told.filter({hasText: '263,538 of 266,200'}).waitFor();
    await page.locator(`[name=scope][value=${scope}]`).check();
    await slider.fill(String(sparsity));
    await told.filter({hasNotText: '263,538 of 266,200'}).waitFor();
    return parseFloat(await page.innerText('#one-shot-accuracy'));
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
