import {clamp} from './vector';

/** y = x brought into [low, high], for `size` numbers. */
export function clampAll(x: usize, size: i32, low: f32, high: f32, y: usize): void {
  const least = f32x4.splat(low), most = f32x4.splat(high);
  const end = x + (<usize>size << 2);
  for (; x + 32 <= end; x += 32, y += 32) {
    v128.store(y, clamp(v128.load(x), least, most));
    v128.store(y, clamp(v128.load(x, 16), least, most), 16);
  }
  for (; x < end; x += 4, y += 4) {
    store<f32>(y, f32x4.extract_lane(clamp(v128.load32_splat(x), least, most), 0));
  }
}
