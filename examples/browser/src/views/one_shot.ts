import type {Facts, TrainResult} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, count, percent} from '../ui/dom';
import {latest} from '../ui/latest';
import {scatter} from '../ui/scatter';
import {complain, on} from '../ui/status';

type Scope = 'layer' | 'global';

type Tried = Pick<Facts, 'accuracy' | 'zeros' | 'size'>;

interface Setting {
  sparsity: number;
  scope: Scope;
}

const SWEEP = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];

/** Prunes the dense model at once, as far as a slider says. */
export function setUpOneShot(lab: RemoteLab): (result: TrainResult) => Promise<void> {
  const form = byId<HTMLFormElement>('one-shot-form');
  const sweep = byId<HTMLButtonElement>('sweep');
  const tried: Record<Scope, Map<number, number>> = {layer: new Map(), global: new Map()};
  const chart = byId('one-shot-chart');
  let dense = NaN;

  const settingOf = (): Setting => {
    const data = new FormData(form);
    return {
      sparsity: Number(data.get('one-shot-sparsity')) / 100,
      scope: data.get('scope') as Scope,
    };
  };
  const show = ({accuracy, zeros, size}: Tried) => {
    byId('one-shot-accuracy').textContent = percent(accuracy);
    byId('one-shot-change').textContent =
      `${count(zeros)} of ${count(size)} weights are zero. Dense: ${percent(dense)}.`;
  };
  const draw = latest(() =>
    scatter(chart, [
      {name: 'each layer', points: tried.layer},
      {name: 'whole model', points: tried.global},
    ]),
  );
  const tryOut = async ({sparsity, scope}: Setting): Promise<Tried> => {
    const facts = await lab.pruneAtOnce(sparsity, scope);
    tried[scope].set(sparsity, facts.accuracy);
    void draw(undefined);
    return facts;
  };
  // Only what the slider says is told in words: a sweep goes on the chart.
  const prune = latest(async (setting: Setting) => {
    try {
      show(await tryOut(setting));
    } catch (error) {
      complain(error);
    }
  });
  const onInput = () => {
    const setting = settingOf();
    byId('one-shot-value').textContent = percent(setting.sparsity, 0);
    return prune(setting);
  };

  new ResizeObserver(() => void draw(undefined)).observe(chart);
  form.addEventListener('input', () => void onInput());
  form.addEventListener('submit', (event) => event.preventDefault());
  on(sweep, 'click', async () => {
    sweep.disabled = true;
    byId('sweep-note').textContent = '';
    try {
      for (const scope of ['layer', 'global'] as const) {
        for (const sparsity of SWEEP) {
          await tryOut({sparsity, scope});
        }
      }
      byId('sweep-note').textContent =
        'The accuracy stays within one point of the dense model’s up to ' +
        `${percent(farthest(tried.layer, dense), 0)} (each layer) and ` +
        `${percent(farthest(tried.global, dense), 0)} (the whole model).`;
    } finally {
      sweep.disabled = false;
    }
  });

  return async (result) => {
    dense = result.dense.accuracy;
    Object.values(tried).forEach((each) => each.clear());
    byId('sweep-note').textContent = '';
    await onInput();
  };
}

/** The highest sparsity of a sweep up to which no accuracy is a point below `dense`. */
function farthest(points: ReadonlyMap<number, number>, dense: number): number {
  // Of 1,000 digits, ten are a point: shares in float32 are not quite so.
  const bad = SWEEP.findIndex((sparsity) => dense - points.get(sparsity)! > 0.0105);
  return bad === -1 ? SWEEP.at(-1)! : (SWEEP[bad - 1] ?? 0);
}
