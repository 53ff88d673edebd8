/** Blocks from one eighth of a column to a whole one. */
const BLOCKS = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const

/** What a bar shows. */
export interface Bar {
  readonly part: bigint
  /** What has the full width. */
  readonly whole: bigint
  /** Unit: columns. */
  readonly width: number
  /** `false`: ASCII alone, in whole columns. */
  readonly isUnicode: boolean
}

/** A bar whose length shows a part of a whole. Whatever is more than nothing can be seen. */
export function bar({ part, whole, width, isUnicode }: Bar): string {
  if (part <= 0n || whole <= 0n) return ''
  const steps = isUnicode ? BLOCKS.length : 1
  const rounded = (part * BigInt(width * steps) + whole / 2n) / whole
  const length = Math.max(1, Number(rounded))
  if (!isUnicode) return '#'.repeat(length)
  return '█'.repeat(Math.floor(length / steps)) + (BLOCKS[(length % steps) - 1] ?? '')
}
