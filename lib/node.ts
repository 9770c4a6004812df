export * from './files/node/index';
export {workers, type WorkersArgs} from './workers/workers';
