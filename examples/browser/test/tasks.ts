import type {Browser, Page} from 'playwright-core';

/** Of the page's thread, in milliseconds of the processor. */
export const LONGEST_TASK_MS = 200;

const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline'];

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds: in all, and of the processor. */
  dur?: number;
  tdur?: number;
  args: {name?: string};
}

/** Milliseconds of the longest task: by the clock, and of the processor. */
export interface LongestTasks {
  count: number;
  wall: number;
  cpu: number;
}

/** The longest tasks of the thread of `page` during `work`. */
export async function longestTasksOf(
  browser: Browser,
  page: Page,
  work: () => Promise<unknown>,
): Promise<LongestTasks> {
  await browser.startTracing(page, {categories: CATEGORIES});
  await work();
  return longestTasks(await browser.stopTracing());
}

function longestTasks(trace: Buffer): LongestTasks {
  const {traceEvents} = JSON.parse(trace.toString()) as {traceEvents: TraceEvent[]};
  const thread = ({pid, tid}: TraceEvent) => `${pid}:${tid}`;
  const pages = new Set(
    traceEvents
      .filter(({name, args}) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(thread),
  );
  const tasks = traceEvents.filter(
    (event) =>
      event.name.endsWith('RunTask') && event.tdur !== undefined && pages.has(thread(event)),
  );
  const longest = (key: 'dur' | 'tdur') =>
    tasks.reduce((most, task) => Math.max(most, task[key] ?? 0), 0) / 1000;
  return {count: tasks.length, wall: longest('dur'), cpu: longest('tdur')};
}
