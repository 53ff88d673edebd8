/** Unit: characters. */
const [SMALL, QUARTER, WHOLE] = [65_536, 262_144, 1_048_576]
/** The CPU time that a megabyte may always take. Unit: ms. */
const LITTLE_MS = 1_000
const MAX_RUNS = 3

type Read = (text: string) => unknown

/**
 * Measures how the time of a reader grows with the text.
 *
 * A text of four times the length may take eight times as long, since other processes share the CPU. With the
 * square it would take sixteen times as long. A bad reader would take minutes for a megabyte. So a shorter
 * text comes first, which shows for most readers that even the square would be little.
 *
 * @returns what reading a megabyte cost if that is too much; `undefined` if it is little
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

/**
 * The least time of several runs. While a run takes too long, more runs follow. Errors of the reader are
 * ignored.
 */
async function leastMs(read: Read, text: string, enoughMs: number): Promise<number> {
  let least = Infinity
  for (let run = 0; run < MAX_RUNS && least > enoughMs; run += 1) {
    const before = process.cpuUsage()
    try {
      await read(text)
    } catch {
      // Other tests say whether it may throw.
    }
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
