import {Workplace} from '../auto/workplace';
import {startTrainingBackend} from './backend';
import {importData} from './data_module';
import {loadMaterial} from './load_material';
import type {FromWorker, Setup, ToWorker} from './messages';
import {sentError} from './sent_error';
import {restoreModel} from './stored_model';

// A process that does tasks for the one that has started it, one after the other.

/** Milliseconds between two signs of life. */
const HEARTBEAT = 1000;

let workplace: Workplace | null = null;
let running: {id: number; controller: AbortController} | null = null;

function send(message: FromWorker): void {
  // Where the driver has ended in the meantime, so does this process.
  if (process.connected) {
    process.send!(message, undefined, undefined, () => {});
  }
}

async function setUp({data, model, settings}: Setup): Promise<void> {
  try {
    if (settings === null) {
      await startTrainingBackend();
      await importData(data, ['train', 'validation']);
      send({kind: 'ready'});
      return;
    }
    workplace = new Workplace(
      await loadMaterial(data, settings, () => restoreModel(model, settings)),
    );
    send({kind: 'ready'});
  } catch (error) {
    send({kind: 'refused', error: sentError(error)});
  }
}

async function perform({id, task}: Extract<ToWorker, {kind: 'do'}>): Promise<void> {
  const controller = new AbortController();
  running = {id, controller};
  try {
    const onEpoch = async (epoch: number) => send({kind: 'epoch', id, epoch});
    const measured = await workplace!.do(task, {signal: controller.signal, onEpoch});
    send({kind: 'measured', id, measured});
  } catch (error) {
    send({kind: 'threw', id, error: sentError(error)});
  } finally {
    running = null;
  }
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'setup') {
    void setUp(message.setup);
  } else if (message.kind === 'do') {
    void perform(message);
  } else if (running?.id === message.id) {
    running.controller.abort();
  }
});
// However the driver has ended.
process.on('disconnect', () => process.exit(1));
setInterval(() => send({kind: 'alive', bytes: process.memoryUsage.rss()}), HEARTBEAT).unref();
