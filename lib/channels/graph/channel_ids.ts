/**
 * The ids of a model's channels and which of them are one channel, as a
 * union-find; and which channels must stay, and why.
 */
export class ChannelIds {
  private readonly parents: number[] = [];
  private readonly frozen = new Map<number, string>();

  /** The number of ids so far: they count from 0. */
  get size(): number {
    return this.parents.length;
  }

  /** `size` new ids. */
  fresh(size: number): number[] {
    return Array.from({length: size}, () => this.parents.push(this.parents.length) - 1);
  }

  /** The id that stands for all that are one channel with `id`. */
  find(id: number): number {
    let root = id;
    while (this.parents[root] !== root) {
      root = this.parents[root];
    }
    // Point the whole path at its end, so that the next search is short.
    for (let next = this.parents[id]; next !== root; next = this.parents[id]) {
      this.parents[id] = root;
      id = next;
    }
    return root;
  }

  /** Makes one channel of two. It must stay if either must. */
  tie(one: number, other: number): void {
    const [kept, gone] = [this.find(one), this.find(other)];
    if (kept !== gone) {
      this.parents[gone] = kept;
      const reason = this.frozen.get(kept) ?? this.frozen.get(gone);
      if (reason !== undefined) {
        this.frozen.set(kept, reason);
      }
    }
  }

  /** Ties two lists of equal length, position by position. */
  tieAll(some: readonly number[], others: readonly number[]): void {
    some.forEach((id, i) => this.tie(id, others[i]));
  }

  /** Says that the channels must stay. The first reason given to a channel is kept. */
  freeze(ids: readonly number[], reason: string): void {
    for (const root of ids.map((id) => this.find(id))) {
      if (!this.frozen.has(root)) {
        this.frozen.set(root, reason);
      }
    }
  }

  /** Why a channel must stay, or `undefined`. */
  reason(id: number): string | undefined {
    return this.frozen.get(this.find(id));
  }
}
