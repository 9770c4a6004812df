import util from 'node:util';

import {restoreRemovedUtil} from '../../../lib/files/node/removed_util';

type Removed = {isNullOrUndefined?: (value: unknown) => boolean};

describe('util.isNullOrUndefined', () => {
  const own = util as Removed;
  const {isNullOrUndefined} = own;

  afterEach(() => {
    if (isNullOrUndefined) {
      own.isNullOrUndefined = isNullOrUndefined;
    } else {
      delete own.isNullOrUndefined;
    }
  });

  it('is put back where Node has none, and then says what it said', () => {
    delete own.isNullOrUndefined;
    restoreRemovedUtil();
    const values = [null, undefined, 0, '', NaN, {}];
    expect(values.map((value) => own.isNullOrUndefined!(value))).toEqual([
      ...[true, true, false, false, false, false],
    ]);
  });

  it('is put back by tfjs-prune/node', async () => {
    delete own.isNullOrUndefined;
    await import('../../../lib/node');
    expect(own.isNullOrUndefined!(null)).toBe(true);
  });

  it('is left alone where it is', () => {
    const mine = () => true;
    own.isNullOrUndefined = mine;
    restoreRemovedUtil();
    expect(own.isNullOrUndefined).toBe(mine);
  });
});
