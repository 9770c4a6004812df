import {restoreRemovedUtil} from './files/node/removed_util';

export * from './files/node/index';
export {workers, type WorkersArgs} from './workers/workers';

restoreRemovedUtil();
