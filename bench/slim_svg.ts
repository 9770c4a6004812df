/** What vega writes for screen readers of a page; as the file of a picture, nobody reads it. */
const UNUSED = / (class|role|aria-[\w-]+|pointer-events|xmlns:xlink|version|display)="[^"]*"/g;

/** What is so without being said. */
const DEFAULTS = / (opacity="1"|stroke-width="1"|transform="translate\(0,0\)")/g;

/** Attributes that are places. */
const PLACES = / (d|transform|[xy][12]?|width|height)="[^"]*"/g;

/**
 * A picture of vega's as a third of its bytes: without attributes that draw nothing,
 * invisible shapes, and groups that hold nothing or change nothing. Places are
 * rounded to half a pixel.
 */
export function slimSvg(svg: string): string {
  const visible = svg.replace(/<path[^>]*?\/>/g, (path) =>
    / (fill|stroke)="/.test(path) && !path.includes('display="none"') ? path : '',
  );
  let slim = unwrapped(visible.replace(/<[^>]+>/g, slimTag));
  for (let before = ''; before !== slim;) {
    before = slim;
    slim = slim.replace(/<g[^>]*><\/g>/g, '');
  }
  return slim;
}

function slimTag(tag: string): string {
  return tag
    .replace(UNUSED, '')
    .replace(DEFAULTS, '')
    .replace(PLACES, (places) =>
      places.replace(/-?\d+\.\d+/g, (number) => String(Math.round(2 * Number(number)) / 2)),
    );
}

/** Without the groups that have no attributes; what they hold stays. */
function unwrapped(svg: string): string {
  const isBare: boolean[] = [];
  return svg.replace(/<g[^>]*>|<\/g>/g, (tag) => {
    if (tag !== '</g>') {
      isBare.push(tag === '<g>');
    }
    const isGone = tag === '</g>' ? isBare.pop() : isBare.at(-1);
    return isGone ? '' : tag;
  });
}
