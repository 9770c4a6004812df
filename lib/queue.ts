export {queue, type QueueArgs} from './workers/queue/queue';
