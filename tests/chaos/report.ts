import type { History, Visit } from './history.js'
import { RULES, type Rule } from './judge.js'

/** What a run came to. */
export interface Outcome {
  seed: number
  containers: number
  calls: number
  ms: number
  /** Times that the buyer came, and payments that were signed after a challenge. */
  visits: number
  signedAnew: number
  /** Calls that were played again, because this process stood still while they were answered wrongly. */
  repeated: number
  answers: ReadonlyMap<string, number>
  afflictions: ReadonlyMap<string, number>
  /** What happened to a table and to containers, by its kind; and where containers were killed or frozen. */
  outages: ReadonlyMap<string, number>
  halts: ReadonlyMap<string, number>
  /** How records ended that the containers share, once the worker had been there. */
  endings: ReadonlyMap<string, number>
  broken: ReadonlyMap<Rule, readonly History[]>
}

/** Stories that are told of each rule. */
const STORIES = 2

export function isClean({ broken }: Outcome): boolean {
  return RULES.every((rule) => broken.get(rule) === undefined)
}

export function reportOf(outcome: Outcome): string {
  const { seed, calls, ms, visits, signedAnew, answers, afflictions, outages, halts } = outcome
  const { broken, endings, repeated } = outcome
  const counters = RULES.map((rule) => counterLine(rule, broken.get(rule) ?? []))
  return [
    `${calls} calls, ${visits} visits of buyers, ${signedAnew} payments signed after a challenge, ` +
      `in ${(ms / 1000).toFixed(1)} s. Seed ${seed}.`,
    ...(repeated === 0 ? [] : [`${repeated} played again: the process stood still meanwhile.`]),
    `Answers: ${listed(answers)}.`,
    `Faults: ${listed(afflictions)}.`,
    ...(outages.size === 0 ? [] : [`Table and containers: ${listed(outages)}.`]),
    ...(halts.size === 0 ? [] : [`Killed and frozen: ${listed(halts)}.`]),
    ...(endings.size === 0 ? [] : [`Records after the worker: ${listed(endings)}.`]),
    '',
    ...counters,
    ...(isClean(outcome) ? ['', 'Nothing went wrong with money.'] : []),
    ...storiesOf(outcome).map((story) => `\n${story}`),
  ].join('\n')
}

/** What happened to the first calls that broke a rule. */
export function storiesOf(outcome: Outcome): string[] {
  return RULES.flatMap((rule) => {
    const histories = outcome.broken.get(rule) ?? []
    return histories.slice(0, STORIES).map((history) => storyOf(rule, history, outcome))
  })
}

function counterLine(rule: Rule, histories: readonly History[]): string {
  const by = new Map<string, number>()
  for (const { plan } of histories) {
    for (const name of [plan.credit, plan.flow, plan.door]) by.set(name, (by.get(name) ?? 0) + 1)
  }
  const where = histories.length === 0 ? '' : `  (${listed(by)})`
  return `${String(histories.length).padStart(5)}  ${rule}${where}`
}

function listed(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ')
}

/** What happened to one call, for a person. */
function storyOf(
  rule: Rule,
  { plan, visits, payments }: History,
  { seed, containers, outages }: Outcome,
): string {
  const { id, door, flow, credit, identifier, carrier } = plan
  const options = [
    ...(plan.isSlow ? ['the seller waits shortly'] : []),
    ...(plan.repeatsByRequestId ? ['retrySettleByRequestId'] : []),
    ...(plan.namesCalls ? ['idempotencyKey'] : []),
  ]
  const isShared = outages.size > 0
  const more = isShared ? ` --shared --containers ${containers}` : ''
  const about = [door, flow, credit, `identifier ${identifier}`, `in ${carrier}`, ...options]
  return [
    `${rule}: call ${id} of seed ${seed} (npm run chaos -- --seed ${seed} --call ${id}${more})`,
    `  ${about.join(', ')}`,
    ...visits.map((visit) => `  ${lineOf(visit, payments.indexOf(visit.payment) + 1)}`),
  ].join('\n')
}

function lineOf(
  { step, hits, outages, said, chargedBefore, chargedAfter }: Visit,
  payment: number,
): string {
  const how = [
    ...(step.work === 'answers' ? [] : [`the work ${step.work}`]),
    ...(step.sent === 'once' ? [] : [`sent ${step.sent}`]),
    ...(step.isRequestRepeated ? ['REQUEST handed over twice'] : []),
    ...(step.response === 'here' ? [] : [`RESPONSE: ${step.response}`]),
    ...(step.outage.passesMs === 0 ? [] : [`${step.outage.passesMs / 1000} s later`]),
    ...outages.map(({ kind, at }) => `${kind}: ${at}`),
    ...(hits.length + outages.length === 0 ? ['no fault'] : hits),
  ]
  const answers = said.map(({ call, answer, isLost }) => {
    const run = answer.run === undefined ? '' : ` of run ${answer.run}`
    const status = answer.status === undefined ? '' : ` ${answer.status}`
    const text = answer.kind === 'delivery' || answer.text === '' ? '' : ` "${answer.text}"`
    return `${isLost ? 'lost: ' : ''}${answer.kind}${run}${status} (call ${call})${text}`
  })
  const charged = `charged ${chargedBefore} → ${chargedAfter}`
  return `payment ${payment}: ${how.join('; ')} → ${answers.join(' | ')} → ${charged}`
}
