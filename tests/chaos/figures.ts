import { isClean, storiesOf, type Outcome } from './report.js'

/** What a run came to, as plain data. */
export interface Figures {
  calls: number
  visits: number
  /** Calls that were played again, because the process stood still while they were answered wrongly. */
  repeated: number
  answers: Counts
  /** What facilitators did wrong; what happened to the table and to containers. */
  faults: Counts
  /** Where containers were killed or frozen. */
  kills: Counts
  /** How records ended, once the worker had been there. */
  endings: Counts
  violations: { rule: string; call: number; replay: string }[]
  /** What happened to the first calls that were answered wrongly. */
  stories: string[]
}
type Counts = Record<string, number>

export function figuresOf(outcome: Outcome): Figures {
  const { seed, containers, calls, visits, answers, afflictions, outages, halts, broken } = outcome
  const { endings, repeated } = outcome
  return {
    ...{ calls, visits, repeated },
    answers: Object.fromEntries(answers),
    faults: Object.fromEntries([...afflictions, ...outages]),
    kills: Object.fromEntries(halts),
    endings: Object.fromEntries(endings),
    violations: [...broken].flatMap(([rule, histories]) =>
      histories.map(({ plan: { id: call } }) => {
        const which = `--seed ${seed} --call ${call} --shared --containers ${containers}`
        return { rule, call, replay: `npm run chaos -- ${which}` }
      }),
    ),
    stories: isClean(outcome) ? [] : storiesOf(outcome),
  }
}

export const NO_FIGURES: Figures = {
  ...{
    calls: 0,
    visits: 0,
    repeated: 0,
    answers: {},
    faults: {},
    kills: {},
    endings: {},
    violations: [],
    stories: [],
  },
}

export function added(a: Figures, b: Figures): Figures {
  return {
    calls: a.calls + b.calls,
    visits: a.visits + b.visits,
    repeated: a.repeated + b.repeated,
    answers: sum(a.answers, b.answers),
    faults: sum(a.faults, b.faults),
    kills: sum(a.kills, b.kills),
    endings: sum(a.endings, b.endings),
    violations: [...a.violations, ...b.violations],
    stories: [...a.stories, ...b.stories],
  }
}

/** The most frequent first. */
function sum(a: Counts, b: Counts): Counts {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const counts = names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)] as const)
  return Object.fromEntries(counts.sort(([, x], [, y]) => y - x))
}
