import { record, refuseUnknown } from './checks.js'
import { hkdfSync } from 'node:crypto'
import * as z from 'zod/mini'
import { createAgentCore, type AgentCore } from './seller/payments-agentcore.js'
import {
  ENVIRONMENT_NAMES,
  accountOf,
  backendOf,
  chainOf,
  environmentOf,
  isEnvironmentName,
  type EnvironmentName,
} from './nevermined/environments.js'
import { OptionsError } from './errors/payment-error.js'
import type { FacilitatorCall } from './wire/facilitator-call.js'
import type { SettlePermissionsParams, VerifyPermissionsParams } from './nevermined/facilitator.js'
import { HttpClient } from './nevermined/api.js'
import { createPayer, type PayerOptions, type X402Payment } from './nevermined/payer.js'
import { planTerms } from './nevermined/plan-terms.js'
import type { Challenge, Requirement } from './wire/x402-challenge.js'
import {
  type SettleResponse,
  SettleResponseSchema,
  type VerifyResponse,
  VerifyResponseSchema,
} from './wire/x402.js'

/** Options of {@link Payments.getInstance}, named as in the official client. */
export interface PaymentsOptions {
  /** `<environment>:<jwt>`, from the Nevermined app; `process.env.NVM_API_KEY` by custom. */
  nvmApiKey: string | undefined
  /** Counts only for keys whose prefix names no environment. @default 'custom' */
  environment?: EnvironmentName | (string & {}) | undefined
  /** Where the API is. Default: by environment; for `custom`, `NVM_BACKEND_URL` or `http://localhost:3001`. */
  backendUrl?: string | undefined
  /** Wall clock, to replace in tests. Unit: ms since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

const VERIFY_TIMEOUT_MS = 5_000
/** A settle may wait for a chain; so may an order. Unit: ms. */
const WRITE_TIMEOUT_MS = 25_000
const QUERY_TIMEOUT_MS = 10_000

const PlanBalanceSchema = z.looseObject({
  planId: z.string(),
  holderAddress: z.string(),
  balance: z.union([z.string(), z.number()]),
  isSubscriber: z.nullish(z.boolean()),
})
const AccessTokenSchema = z.looseObject({ accessToken: z.string() })
const RecordSchema = z.looseObject({})

/** What a holder has of a plan. `balance` is a decimal string as the API writes it. */
export type PlanBalance = z.infer<typeof PlanBalanceSchema>

/** Options of {@link Payments.x402}`.getX402AccessToken`. */
export interface X402TokenOptions {
  /** @default 'nvm:erc4337' */
  scheme?: string
  /** Default: by environment. */
  network?: string
  /** An existing delegation to pay from: `{ delegationId }`. */
  delegationConfig?: { delegationId?: string; [key: string]: unknown }
  /** What the token is bound to; take it from the challenge. Needed for version 3. */
  resource?: { url: string; [key: string]: unknown }
  /** @default 'POST' where `resource` is given */
  httpVerb?: string
  /** 3 asks for a single-use token. Look at the token for what was minted. */
  tokenVersion?: 2 | 3
}

/**
 * The Nevermined client, with the names of the official TypeScript SDK. Making one does no I/O; the HTTP
 * library loads on first use, or in {@link Payments.warm}.
 *
 * Every method but `warm` throws a `PaymentsError` with `code`, `httpStatus`, `retryable` and `outcome`.
 *
 * @see https://docs.nevermined.app
 */
export class Payments {
  readonly environmentName: EnvironmentName
  /** The address the key belongs to. */
  readonly accountAddress: string
  readonly facilitator: {
    verifyPermissions(
      params: VerifyPermissionsParams,
      call?: FacilitatorCall,
    ): Promise<VerifyResponse>
    settlePermissions(
      params: SettlePermissionsParams,
      call?: FacilitatorCall,
    ): Promise<SettleResponse>
  }
  readonly plans: {
    getPlan(planId: string): Promise<Record<string, unknown>>
    /** Of the key's own account unless another holder is given. */
    getPlanBalance(planId: string, holderAddress?: string): Promise<PlanBalance>
    /** Buys the plan with the account's own funds. */
    orderPlan(planId: string): Promise<Record<string, unknown>>
  }
  readonly x402: {
    /** Mints a token to pay with. It is a bearer: whoever holds it can spend it. */
    getX402AccessToken(
      planId: string,
      agentId?: string,
      options?: X402TokenOptions,
    ): Promise<{ accessToken: string }>
  }
  readonly #http: HttpClient
  readonly #now: () => number
  readonly #nvmApiKey: string
  #agentcore: AgentCore | undefined

  /**
   * @throws OptionsError if the key is missing or holds no readable JWT, or the URL is none.
   */
  static getInstance(options: PaymentsOptions): Payments {
    return new Payments(options)
  }

  private constructor(options: PaymentsOptions) {
    const { nvmApiKey, account, environment, backendUrl, now = Date.now } = checked(options)
    this.environmentName = environmentOf(nvmApiKey, environment)
    this.accountAddress = account
    this.#now = now
    this.#nvmApiKey = nvmApiKey
    this.#http = new HttpClient(backendOf(this.environmentName, backendUrl), nvmApiKey, now)
    this.facilitator = this.#facilitator()
    this.plans = this.#plans()
    this.x402 = { getX402AccessToken: (...args) => this.#mint(...args) }
  }

  /**
   * Loads the HTTP library and opens a connection; with `planIds`, looks those plans up too. Await it at top
   * level, so that it happens in the Lambda's INIT. Never throws: what fails here is tried again, and
   * reported, by the first call.
   */
  async warm({ planIds = [] }: { planIds?: readonly string[] } = {}): Promise<void> {
    const lookUps = planIds.map((id) => planTerms(this, id, QUERY_TIMEOUT_MS, this.#now))
    const touch = this.#http.request(RecordSchema, {
      ...GET,
      path: '/api/v1/meta/versions',
      authenticated: false,
    })
    await Promise.allSettled([...lookUps, touch])
  }

  /** The interceptor, selling through this instance. The same object every time. */
  get agentcore(): AgentCore {
    this.#agentcore ??= createAgentCore(this)
    return this.#agentcore
  }

  /**
   * Mints a single-use token for what a challenge asks, which makes this client a payer of `payingMcp`.
   * Whether `call.requirement` should be paid is for the caller to know; `payingMcp` looks it up in its
   * limits.
   *
   * @throws PaymentError if the requirement is not one of Nevermined's.
   */
  pay(paymentRequired: Challenge, call: { requirement: Requirement }): Promise<X402Payment> {
    return this.payer()(paymentRequired, call)
  }

  /** The same with a delegation, or with reusable tokens. */
  payer(options?: PayerOptions): Payments['pay'] {
    return createPayer((body) => this.#permission(body), options)
  }

  /**
   * 32 bytes that only holders of the API key can derive (HKDF-SHA256), and from which the key cannot be
   * found out. The same in every container, another for every purpose.
   */
  deriveSecret(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#nvmApiKey, '', `agentcore-x402 ${purpose}`, 32))
  }

  #facilitator(): Payments['facilitator'] {
    return {
      verifyPermissions: (params, call) =>
        this.#http.request(VerifyResponseSchema, {
          ...POST,
          path: '/api/v1/x402/verify',
          body: withDecimals(params),
          repeatable: true,
          timeoutMs: call?.timeoutMs ?? VERIFY_TIMEOUT_MS,
          correlationId: call?.correlationId,
        }),
      settlePermissions: (params, call) =>
        this.#http.request(SettleResponseSchema, {
          ...POST,
          path: '/api/v1/x402/settle',
          body: withDecimals(params),
          timeoutMs: call?.timeoutMs ?? WRITE_TIMEOUT_MS,
          correlationId: call?.correlationId,
        }),
    }
  }

  #plans(): Payments['plans'] {
    const path = (planId: string) => `/api/v1/protocol/plans/${encodeURIComponent(planId)}`
    return {
      getPlan: (planId) =>
        this.#http.request(RecordSchema, { ...GET, path: path(planId), authenticated: false }),
      getPlanBalance: (planId, holder = this.accountAddress) =>
        this.#http.request(PlanBalanceSchema, {
          ...GET,
          path: `${path(planId)}/balance/${encodeURIComponent(holder)}`,
          authenticated: false,
        }),
      orderPlan: (planId) =>
        this.#http.request(RecordSchema, { ...POST, path: `${path(planId)}/order` }),
    }
  }

  #mint(
    planId: string,
    agentId?: string,
    options: X402TokenOptions = {},
  ): Promise<{ accessToken: string }> {
    const { scheme = 'nvm:erc4337', network, delegationConfig, resource, tokenVersion } = options
    const httpVerb = options.httpVerb ?? (resource === undefined ? undefined : 'POST')
    const extra = {
      ...(agentId !== undefined && { agentId }),
      ...(httpVerb !== undefined && { httpVerb }),
    }
    const body = {
      accepted: { scheme, network: network ?? chainOf(this.environmentName), planId, extra },
      delegationConfig,
      resource,
      tokenVersion,
    }
    return this.#permission(body)
  }

  #permission(body: unknown): Promise<{ accessToken: string }> {
    return this.#http.request(AccessTokenSchema, {
      ...POST,
      path: '/api/v1/x402/permissions',
      body,
    })
  }
}

const GET = { method: 'GET', repeatable: true, timeoutMs: QUERY_TIMEOUT_MS } as const
const POST = { method: 'POST', repeatable: false, timeoutMs: WRITE_TIMEOUT_MS } as const

/** Credits are uint256: the API takes decimal strings and refuses large JSON numbers. */
function withDecimals(params: VerifyPermissionsParams): unknown {
  return { ...params, maxAmount: params.maxAmount?.toString() }
}

const OPTIONS: Readonly<Record<keyof PaymentsOptions, true>> = {
  nvmApiKey: true,
  environment: true,
  backendUrl: true,
  now: true,
}

function checked(options: PaymentsOptions) {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option')
  const { nvmApiKey, environment, backendUrl, now } = options
  if (typeof nvmApiKey !== 'string' || nvmApiKey === '') {
    throw new OptionsError('nvmApiKey', 'required: is the environment variable NVM_API_KEY set?')
  }
  const account = accountOf(nvmApiKey)
  if (account === undefined) {
    const expected = 'expected <environment>:<jwt> as the Nevermined app shows it'
    throw new OptionsError('nvmApiKey', expected)
  }
  if (environment !== undefined && !isEnvironmentName(environment)) {
    throw new OptionsError('environment', `expected one of ${ENVIRONMENT_NAMES.join(', ')}`)
  }
  if (backendUrl !== undefined && typeof backendUrl !== 'string') {
    throw new OptionsError('backendUrl', 'expected an http(s) URL')
  }
  return { nvmApiKey, account, environment, backendUrl, now }
}
