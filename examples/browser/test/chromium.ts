import {existsSync} from 'node:fs';

import {chromium, type Browser} from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/**
 * WebGL by SwiftShader, so that it runs where there is no graphics card. Only
 * WebGL: drawing the page itself by it takes most of the processor's time.
 */
const SOFTWARE_WEBGL = [
  '--use-gl=angle',
  '--use-angle=swiftshader-webgl',
  '--enable-unsafe-swiftshader',
];

/** And WebGPU. */
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** `--disable-3d-apis` would leave it to workers. */
const NO_WEBGL = ['--disable-gpu', '--disable-software-rasterizer'];

/** Where Chromium is: `CHROME_PATH`, or where systems put it; `undefined` if nowhere. */
export const chromiumPath = process.env.CHROME_PATH ?? PLACES.find(existsSync);

/** A headless Chromium, with WebGL in software or without any, and with WebGPU if asked. */
export function launch({webgl = true, webgpu = false} = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [...(webgl ? SOFTWARE_WEBGL : NO_WEBGL), ...(webgpu ? SOFTWARE_WEBGPU : [])],
  });
}
