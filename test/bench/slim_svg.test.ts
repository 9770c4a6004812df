import {slimSvg} from '../../bench/slim_svg';

it('keeps what is drawn, and leaves the rest out', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" class="marks" width="20">' +
    '<g fill="none"><g class="mark-group role-frame" role="graphics-object" aria-label="0.123">' +
    '<path class="background" aria-hidden="true" d="M0,0h0v0h0Z" display="none" stroke="#ddd"/>' +
    '<path class="background" aria-hidden="true" d="M0,0h0v0h0Z"/>' +
    '<g transform="translate(1,2)"><g></g></g>' +
    '<path d="M1.2345,-0.04L3.96,4" stroke="#000" opacity="1" stroke-width="1" transform="translate(0,0)"/>' +
    '<text transform="translate(0.5,10.25)">1.2345 &lt; 2</text></g></g></svg>\n';
  expect(slimSvg(svg)).toBe(
    '<svg xmlns="http://www.w3.org/2000/svg" width="20"><g fill="none">' +
      '<path d="M1,0L4,4" stroke="#000"/>' +
      '<text transform="translate(0.5,10.5)">1.2345 &lt; 2</text></g></svg>\n',
  );
});

it('leaves colors and half-clear marks as they are', () => {
  const mark = '<path d="M1,2" fill="#4c78a8" opacity="0.25" stroke-width="1.5"/>';
  expect(slimSvg(mark)).toBe(mark);
});
