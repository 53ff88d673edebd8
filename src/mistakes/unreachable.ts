import { isLoopback } from '../wire/loopback.js'
import type { Mistake } from '../errors/mistake.js'
import type { FacilitatorFailure } from '../errors/payments-error.js'

/** Why a connection failed, and what to do. */
interface Why {
  readonly why: string
  readonly cure: string
}

const NAME: Why = {
  why: 'its name is not known to DNS',
  cure: 'Check the spelling. In a VPC, check that the function may ask DNS and call the internet.',
}
const REFUSED: Why = {
  why: 'nothing listens there',
  cure: 'Check host and port, and whether the service runs.',
}
const SLOW: Why = {
  why: 'no connection came about in time',
  cure: 'Check firewalls. In a VPC, the function needs a NAT gateway to call the internet.',
}
const CERTIFICATE: Why = {
  why: 'its certificate is not trusted',
  cure:
    'Check the host in the URL. If a proxy of your company signs certificates of its own, set NODE_EXTRA_CA_CERTS to ' +
    'the file with its root certificate.',
}
const DATES: Why = {
  why: 'its certificate is not valid now',
  cure: 'Compare the clock of this machine with the true time. Else the certificate has to be renewed.',
}
const NO_TLS: Why = {
  why: 'it does not speak TLS',
  cure: 'Check the port, and whether the URL should begin with http:// instead of https://.',
}

/** What Node's codes mean. A code that is not here is of a network that fails. */
const WHY: Readonly<Record<string, Why>> = {
  ENOTFOUND: NAME,
  EAI_AGAIN: NAME,
  ECONNREFUSED: REFUSED,
  ETIMEDOUT: SLOW,
  connect_timeout: SLOW,
  EHOSTUNREACH: SLOW,
  ENETUNREACH: SLOW,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  CERT_HAS_EXPIRED: DATES,
  CERT_NOT_YET_VALID: DATES,
}

const NO_ANSWER: Why = {
  why: 'no answer came in time',
  cure: 'Look at the service, and at firewalls. In a VPC, the function needs a NAT gateway to call the internet.',
}
const UNKNOWN: Why = {
  why: 'the connection failed',
  cure: 'Check host, port, proxies and firewalls.',
}

/** The words for a service that was not reached. */
interface Words {
  readonly code: Mistake['code']
  readonly field: string
  readonly expected: string
  /** What helps if the service is on this machine. */
  readonly local: string
}

/**
 * The mistake behind a request that got no answer.
 *
 * @returns `undefined` if there was an answer, or if a connection that had come about broke.
 */
export function unreachable(
  { code, detail, retryable, httpStatus }: FacilitatorFailure,
  url: string,
  words: Words,
): Mistake | undefined {
  if (httpStatus !== undefined) return undefined
  if (detail === 'not_loaded') return NOT_LOADED
  if (code !== 'timeout' && !(code === 'network_error' && retryable)) return undefined
  const found = whyOf(code, detail)
  const { code: mistake, field, expected, local } = words
  const seen = detail === undefined ? '' : ` (${detail})`
  const isHere = isLoopback(new URL(url).hostname)
  return {
    code: mistake,
    field,
    problem: `${url} cannot be reached: ${found.why}${seen}`,
    expected,
    cure: `${isHere && found === REFUSED ? `${local} ` : ''}${found.cure}${isHere ? '' : viaProxy()}`,
  }
}

function whyOf(code: string, detail: string | undefined): Why {
  if (code === 'timeout') return NO_ANSWER
  return (detail === undefined ? undefined : WHY[detail]) ?? UNKNOWN
}

/** A proxy that the environment names is asked first, and may be what cannot be reached. */
function viaProxy(): string {
  const name = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find(
    (one) => process.env[one],
  )
  return name === undefined ? '' : ` The request went to the proxy in ${name}.`
}

const NOT_LOADED: Mistake = {
  code: 'http_library_missing',
  field: 'bundle',
  problem: 'the HTTP library axios cannot be loaded',
  expected: 'a bundle that holds axios, or a package that is installed beside the code',
  cure:
    'A bundle in ESM needs the banner that defines require: see docs/deploying.md. Without a bundle, run npm install ' +
    'agentcore-x402.',
}

/** A URL that is safe to show: it may hold a password before its host, or a token behind its path. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/+$/, '')
}

/** What an answer that cannot be read is, by what it looks like. */
export const ANSWERED: Readonly<Record<string, string>> = {
  html: 'answered with a page of HTML',
  text: 'answered with a text that is no JSON',
  empty: 'answered with nothing',
  redirect: 'sends the request on to another address, which is not followed',
}

/** What a 404 says. */
export const NOTHING_THERE = 'has nothing at the path that was asked'
