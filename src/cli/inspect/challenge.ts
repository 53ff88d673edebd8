import { isRecord } from '../../wire/json.js'
import { CREDITS_EXTENSION, PAYMENT_IDENTIFIER, PAYMENT_REQUIRED_HEADER } from '../../wire/x402.js'
import { creditsWords } from './terms/amounts.js'
import { checkTerms } from './terms/check-terms.js'
import { resourceText, shown, termRows } from './terms/describe-terms.js'
import { Findings, kindOfJson, objectIn, textIn, type Place } from './findings.js'
import { meaningOfReason } from './reasons.js'
import { safeText } from './secrets.js'
import { SPACE, type Description, type Row, type Thing } from './thing.js'

/** More ways to pay than anybody offers. */
const MAX_WAYS = 20

export function describeChallenge({ value, header }: Thing): Description {
  const findings = new Findings()
  const place: Place = { value, path: '', findings }
  const version = versionOf(place)
  const ways = waysOf(place)
  for (const [at, way] of ways.slice(0, MAX_WAYS).entries()) checkWay(place, at, { way, version })
  if (version === 2) checkResource(place)
  checkError(place)
  if (version === 1 && header === PAYMENT_REQUIRED_HEADER) {
    const message =
      'A challenge of x402 v1 is in the header of v2. Clients of v1 read the body, and those of v2 refuse it.'
    findings.fail(
      'x402Version',
      message,
      'Write a challenge of v2 into the header, and that of v1 into the body.',
    )
  }
  return {
    title: `x402 v${version} challenge: what to pay`,
    version,
    rows: [
      ...headRows(value, ways),
      ...ways.slice(0, MAX_WAYS).flatMap((way, at) => wayRows(way, at, ways.length)),
    ],
    findings: findings.all,
  }
}

/** The version that a thing states. One that states none is told from its members. */
export function versionOf(place: Place): 1 | 2 {
  const { value, findings } = place
  const stated = value['x402Version']
  if (stated === 1 || stated === 2) return stated
  const isV2 = value['accepted'] !== undefined || isRecord(value['resource'])
  const likely = isV2 || !hasV1Members(value) ? 2 : 1
  const message =
    stated === undefined
      ? 'The member x402Version is missing.'
      : `x402Version is ${safeText(JSON.stringify(stated)).slice(0, 40)}, and 1 or 2 is expected, as a number.`
  findings.fail('x402Version', message, `Write "x402Version": ${likely}.`)
  return likely
}

function hasV1Members(value: Readonly<Record<string, unknown>>): boolean {
  const { accepts, scheme } = value
  const first: unknown = Array.isArray(accepts) ? accepts[0] : undefined
  return typeof scheme === 'string' || (isRecord(first) && 'maxAmountRequired' in first)
}

function waysOf({ value, findings }: Place): unknown[] {
  const { accepts } = value
  const cure = 'State at least one way to pay.'
  if (!Array.isArray(accepts)) {
    const is = accepts === undefined ? 'missing' : kindOfJson(accepts)
    findings.fail('accepts', `The member accepts is ${is}, so nobody can pay.`, cure)
    return []
  }
  if (accepts.length === 0) findings.fail('accepts', 'accepts is empty, so nobody can pay.', cure)
  return accepts
}

function checkWay(
  place: Place,
  at: number,
  { way, version }: { way: unknown; version: 1 | 2 },
): void {
  const path = `accepts[${at}]`
  if (isRecord(way)) checkTerms({ value: way, path, findings: place.findings }, version)
  else
    place.findings.fail(
      path,
      `The way to pay is ${kindOfJson(way)}, not an object.`,
      'Write an object.',
    )
}

function checkResource(place: Place): void {
  const resource = objectIn(
    place,
    'resource',
    'Write { "url": … }: v2 says there what is paid for.',
  )
  const url = resource && textIn(resource, 'url', 'Write the URL of what is paid for.')
  if (url !== undefined && !URL.canParse(url)) {
    const message =
      'The URL of the resource is not absolute, so buyers cannot compare it with what they called.'
    place.findings.warn('resource.url', message, 'Write the whole URL.')
  }
}

function headRows(value: Readonly<Record<string, unknown>>, ways: readonly unknown[]): Row[] {
  const { resource, error, extensions } = value
  const [first] = ways
  const inWay = isRecord(first) ? first['resource'] : undefined
  const known = isRecord(extensions) ? extensions : {}
  return [
    ['Resource', resourceText(resource ?? inWay)],
    ['About', aboutText(resource, first)],
    ['Error', shown(error)],
    ['Credits', creditsText(known[CREDITS_EXTENSION])],
    ['Extensions', extensionsText(known)],
  ]
}

function aboutText(resource: unknown, way: unknown): string | undefined {
  const described = isRecord(resource) ? resource : isRecord(way) ? way : {}
  return shown(described['description'])
}

/** A payment that was refused before is answered with a challenge, which has the reason. */
function checkError({ value, findings }: Place): void {
  const words = shown(value['error']) ?? ''
  const reason = /^(?:verification failed: )?([\w.]+)$/.exec(words)?.[1]
  const known = reason === undefined ? undefined : meaningOfReason(reason)
  if (known === undefined) return
  findings.warn('error', `A payment was refused (${reason}). ${known.cause}`, known.cure)
}

function creditsText(extension: unknown): string | undefined {
  const info = isRecord(extension) ? extension['info'] : undefined
  if (!isRecord(info)) return undefined
  const most = creditsWords(info['maxCredits'])
  const price = creditsWords(info['credits'])
  return most === undefined ? price : `${price ?? 'unknown'}, at most ${most}`
}

function extensionsText(extensions: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(extensions).map((name) => {
    const one = extensions[name]
    const info = isRecord(one) ? one['info'] : undefined
    const isRequired = name === PAYMENT_IDENTIFIER && isRecord(info) && info['required'] === true
    return isRequired ? `${name} (required)` : safeText(name)
  })
  return names.length === 0 ? undefined : names.join(', ')
}

function wayRows(way: unknown, at: number, count: number): Row[] {
  const heading: Row[] = count > 1 ? [SPACE, ['Way to pay', `${at + 1} of ${count}`]] : []
  return isRecord(way) ? [...heading, ...termRows(way)] : heading
}

/** One way to pay alone, as a facilitator is sent it. */
export function describeRequirement({ value }: Thing): Description {
  const findings = new Findings()
  const version = 'maxAmountRequired' in value ? 1 : 2
  checkTerms({ value, path: '', findings }, version)
  return {
    title: `x402 v${version} way to pay`,
    version,
    rows: termRows(value),
    findings: findings.all,
  }
}
