/**
 * The tabs of the page: a click, or the arrow, Home and End keys, as
 * https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has it. The tab shown is in
 * the address.
 */
export function setUpTabs(onShow: (id: string) => void): void {
  const tabs = [...document.querySelectorAll<HTMLButtonElement>('[role=tab]')];
  const panelOf = (tab: HTMLElement) =>
    document.getElementById(tab.getAttribute('aria-controls')!) as HTMLElement;

  const show = (shown: HTMLElement) => {
    for (const tab of tabs) {
      const isShown = tab === shown;
      tab.ariaSelected = String(isShown);
      tab.tabIndex = isShown ? 0 : -1;
      panelOf(tab).hidden = !isShown;
    }
    shown.scrollIntoView({block: 'nearest', inline: 'nearest'});
    onShow(panelOf(shown).id);
  };
  const inAddress = () => tabs.find((tab) => `#${panelOf(tab).id}` === location.hash);
  const go = (tab: HTMLElement) => {
    history.replaceState(null, '', `#${panelOf(tab).id}`);
    show(tab);
  };

  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => go(tab));
    tab.addEventListener('keydown', (event) => {
      const to = {
        ArrowRight: (i + 1) % tabs.length,
        ArrowLeft: (i - 1 + tabs.length) % tabs.length,
        Home: 0,
        End: tabs.length - 1,
      }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        go(tabs[to]);
        tabs[to].focus();
      }
    });
  });
  window.addEventListener('hashchange', () => {
    // The address may also be that of the glossary.
    const tab = inAddress();
    if (tab) {
      show(tab);
    }
  });
  show(inAddress() ?? tabs[0]);
}
