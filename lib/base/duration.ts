/** `3 min 30 s` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return `${minutes > 0 ? `${minutes} min ` : ''}${rest} s`;
}
