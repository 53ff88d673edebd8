export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Median of the runs, and the lowest and highest of them. */
export function spread(runs: readonly number[], digits = 2): string {
  const [low, high] = [Math.min(...runs), Math.max(...runs)]
  return `${median(runs).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}
