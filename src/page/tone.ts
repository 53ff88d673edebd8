/** How an outcome looks: `good` was paid or is free, `open` is not paid or not certain, `bad` failed. */
export type Tone = 'good' | 'open' | 'bad'

const TONES: Readonly<Record<string, Tone>> = {
  ...({ paid: 'good', free: 'good', verified: 'good', replayed: 'good' } as const),
  ...({ unpaid: 'open', not_charged: 'open', invalid: 'open', pending: 'open' } as const),
  ...({ in_work: 'open', rejected: 'open' } as const),
}

export function toneOf(outcome: string): Tone {
  return TONES[outcome] ?? 'bad'
}
