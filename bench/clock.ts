/** Milliseconds of CPU time of this process, all threads, and of wall time. */
export interface Time {
  cpu: number;
  wall: number;
}

export function clock(): Time {
  const {user, system} = process.cpuUsage();
  return {cpu: (user + system) / 1000, wall: performance.now()};
}

/** `a` − `sign` · `b`. */
export function subtract(a: Time, b: Time, sign = 1): Time {
  return {cpu: a.cpu - sign * b.cpu, wall: a.wall - sign * b.wall};
}
