/** Unit: characters. */
const [SMALL, QUARTER, WHOLE] = [65_536, 262_144, 1_048_576]
/** What a megabyte may cost in any case. Unit: ms of CPU. */
const LITTLE_MS = 1_000
const MAX_RUNS = 3

type Read = (text: string) => unknown

/**
 * What reading a megabyte cost, if that is too much; `undefined` if it is little. Four times the text may
 * cost eight times the work, since other processes share the CPU. The square would cost sixteen times. A
 * reader that looks for the same thing again and again would take minutes for a megabyte. So a shorter text
 * comes first: for most readers it shows that not even the square would be much.
 */
export async function tooMuchWork(
  read: Read,
  make: (chars: number) => string,
): Promise<string | undefined> {
  const small = await leastMs(read, make(SMALL), LITTLE_MS / 2)
  if (small * (WHOLE / SMALL) ** 2 <= LITTLE_MS) return undefined
  if (small > LITTLE_MS / 2) return `${SMALL} characters cost ${Math.round(small)} ms`
  const whole = await leastMs(read, make(WHOLE), LITTLE_MS)
  if (whole <= LITTLE_MS) return undefined
  const quarter = await leastMs(read, make(QUARTER), 0)
  const cost = `${QUARTER} and ${WHOLE} characters cost ${Math.round(quarter)} and ${Math.round(whole)} ms`
  return whole > 8 * quarter ? cost : undefined
}

/** The least of several runs. More runs follow while one takes too long. What a reader throws is not looked at. */
async function leastMs(read: Read, text: string, enoughMs: number): Promise<number> {
  let least = Infinity
  for (let run = 0; run < MAX_RUNS && least > enoughMs; run += 1) {
    const before = process.cpuUsage()
    try {
      await read(text)
    } catch {
      // whether it may throw is for other tests
    }
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
