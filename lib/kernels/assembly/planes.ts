import {turnFourPixels} from './turn';

/**
 * Lays one image [height, width, channels] out as zero-padded planes, [channels,
 * rowPhases, columnPhases, rows, columns]: pixel (r, c) of the padded image goes to
 * the phase (r % strideHeight, c % strideWidth), to the place (r / strideHeight,
 * c / strideWidth) there. So the pixels that one weight meets lie side by side.
 *
 * @param planeBytes From one plane to the next.
 * @param to Zeros, at least where the padding is.
 */
export function planes(
  x: usize, height: i32, width: i32, channels: i32,
  top: i32, left: i32, strideHeight: i32, strideWidth: i32,
  rowPhases: i32, columnPhases: i32, columns: i32,
  planeBytes: usize, to: usize,
): void {
  const channelBytes = planeBytes * <usize>(rowPhases * columnPhases);
  const pixelBytes: usize = channels << 2, step = pixelBytes * <usize>strideWidth;
  for (let h = 0; h < height; h++) {
    const r = h + top, rowPhase = r % strideHeight;
    if (rowPhase >= rowPhases) continue;
    const row = to + <usize>(rowPhase * columnPhases) * planeBytes
      + (<usize>((r / strideHeight) * columns) << 2);
    const line = x + <usize>(h * width) * pixelBytes;
    for (let columnPhase = 0; columnPhase < columnPhases; columnPhase++) {
      const first = ((columnPhase - left) % strideWidth + strideWidth) % strideWidth;
      const count = (width - first + strideWidth - 1) / strideWidth;
      const place = row + <usize>columnPhase * planeBytes
        + (<usize>((first + left) / strideWidth) << 2);
      const from = line + <usize>first * pixelBytes;
      if (count >= 4) {
        for (let i = 0; i < count; i += 4) {
          // The last four may overlap those before.
          const j = min(i, count - 4), s0 = from + <usize>j * step, s2 = s0 + step * 2;
          turnFourPixels(
            s0, s0 + step, s2, s2 + step,
            channels, place + (<usize>j << 2), channelBytes,
          );
        }
      } else {
        for (let i = 0; i < count; i++) {
          let d = place + (<usize>i << 2), s = from + <usize>i * step;
          for (let c = 0; c < channels; c++, d += channelBytes, s += 4) store<f32>(d, load<f32>(s));
        }
      }
    }
  }
}
