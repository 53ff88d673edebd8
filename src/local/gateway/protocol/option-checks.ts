import { OptionsError } from '../../../errors/payment-error.js'
import { optionalMilliseconds, refuseUnknown } from '../../../checks.js'
import { isRecord } from '../../../wire/json.js'
import { wantsCallback } from '../../lambda/lambda.js'
import { DEFAULT_ASSUMPTIONS } from './assumptions.js'
import { propagationProblem } from './headers.js'
import {
  DEFAULT_RESOURCE_PRIORITY,
  type GatewayInterceptor,
  type GatewayOptions,
  type GatewayTarget,
} from './options.js'
import { checkTools } from './tool-schema.js'
import { PROTOCOL_VERSIONS } from './versions.js'

const OPTIONS: Readonly<Record<keyof GatewayOptions, true>> = {
  targets: true,
  requestInterceptor: true,
  responseInterceptor: true,
  port: true,
  protocolVersions: true,
  search: true,
  streaming: true,
  sessions: true,
  exceptionLevel: true,
  interceptorTimeoutMs: true,
  targetTimeoutMs: true,
  assume: true,
  now: true,
}

/**
 * Checks the options of a gateway.
 *
 * @throws OptionsError
 */
export function checkOptions(options: GatewayOptions): void {
  refuseUnknown(options, OPTIONS, 'is no option')
  checkInterceptor('requestInterceptor', options.requestInterceptor)
  checkInterceptor('responseInterceptor', options.responseInterceptor)
  optionalMilliseconds('interceptorTimeoutMs', options.interceptorTimeoutMs)
  optionalMilliseconds('targetTimeoutMs', options.targetTimeoutMs)
  refuseUnknown(options.assume ?? {}, DEFAULT_ASSUMPTIONS, 'is no option', 'assume.')
  checkRetries(options.assume?.interceptorRetries)
  checkVersions(options.protocolVersions)
  checkTargets(options.targets)
  const sessions = options.sessions !== undefined && options.sessions !== false
  options.targets.forEach((target, i) => checkTarget(`targets[${i}]`, target, sessions))
}

function checkInterceptor(option: string, interceptor: GatewayInterceptor | undefined): void {
  if (interceptor === undefined) return
  refuseUnknown(interceptor, INTERCEPTOR, 'is no option', `${option}.`)
  checkLambda(`${option}.lambda`, interceptor.lambda)
}

const INTERCEPTOR: Readonly<Record<keyof GatewayInterceptor, true>> = {
  lambda: true,
  passRequestHeaders: true,
  payloadFilter: true,
}

function checkLambda(option: string, lambda: unknown): void {
  if (typeof lambda === 'function') {
    if (!wantsCallback(lambda as () => unknown)) return
    throw new OptionsError(option, "Lambda's Node runtime refuses handlers with a third parameter")
  }
  if (!(isRecord(lambda) && typeof lambda['invoke'] === 'function')) {
    throw new OptionsError(option, 'expected a handler, or an object with invoke')
  }
}

function checkRetries(retries: number | undefined): void {
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw new OptionsError('assume.interceptorRetries', 'expected a whole number ≥ 0')
  }
}

function checkVersions(versions: readonly string[] | undefined): void {
  const known: readonly string[] = PROTOCOL_VERSIONS
  if (
    versions !== undefined &&
    !(versions.length > 0 && versions.every((v) => known.includes(v)))
  ) {
    throw new OptionsError('protocolVersions', `expected some of ${known.join(', ')}`)
  }
}

function checkTargets(targets: readonly GatewayTarget[]): void {
  if (targets.length === 0) throw new OptionsError('targets', 'expected at least one')
  const names = new Set(targets.map(({ name }) => name))
  if (names.size < targets.length) throw new OptionsError('targets', 'expected different names')
  const http = targets.filter((target) => 'http' in target).length
  if (http > 0 && http < targets.length) {
    throw new OptionsError(
      'targets',
      'expected MCP targets (lambda, mcp) or HTTP targets, not both',
    )
  }
}

function checkTarget(option: string, target: GatewayTarget, sessions: boolean): void {
  if (!/^(?:[0-9a-zA-Z]-?){1,100}$/.test(target.name)) {
    throw new OptionsError(`${option}.name`, 'expected letters and digits with single hyphens')
  }
  checkHeaderList(`${option}.allowedRequestHeaders`, target.allowedRequestHeaders, sessions)
  if ('lambda' in target) {
    checkLambda(`${option}.lambda`, target.lambda)
    return void checkTools(`${option}.tools`, target.name, target.tools)
  }
  if ('http' in target) return void checkUrl(`${option}.http`, target.http)
  checkUrl(`${option}.mcp`, target.mcp)
  checkPriority(`${option}.resourcePriority`, target.resourcePriority)
  checkHeaderList(`${option}.allowedResponseHeaders`, target.allowedResponseHeaders, sessions)
}

function checkPriority(option: string, priority: number | undefined): void {
  const isWhole = Number.isInteger(priority) && Number(priority) >= 0
  if (priority !== undefined && !(isWhole && priority <= DEFAULT_RESOURCE_PRIORITY)) {
    throw new OptionsError(option, `expected a whole number from 0 to ${DEFAULT_RESOURCE_PRIORITY}`)
  }
}

function checkUrl(option: string, url: unknown): void {
  const good = typeof url === 'string' && URL.canParse(url) && /^https?:/i.test(url)
  if (!good) throw new OptionsError(option, 'expected an http or https URL')
}

function checkHeaderList(
  option: string,
  names: readonly string[] | undefined,
  sessions: boolean,
): void {
  if (names === undefined) return
  if (names.length > 10) throw new OptionsError(option, 'expected at most 10 names')
  const problem = names.map(propagationProblem).find((it) => it !== undefined)
  if (problem !== undefined) throw new OptionsError(option, problem)
  if (sessions && names.some((name) => name.toLowerCase() === 'mcp-session-id')) {
    throw new OptionsError(option, 'a gateway with sessions manages Mcp-Session-Id itself')
  }
}
