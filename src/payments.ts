import { inCall } from './errors/in-call.js'
import { record, refuseUnknown, text } from './checks.js'
import { hkdfSync } from 'node:crypto'
import { createAgentCore, type AgentCore } from './seller/payments-agentcore.js'
import {
  ENVIRONMENT_NAMES,
  accountOf,
  chainOf,
  connectionOf,
  isEnvironmentName,
  type EnvironmentName,
} from './nevermined/environments.js'
import { looksLike } from './errors/looks-like.js'
import { OptionsError } from './errors/payment-error.js'
import type { FacilitatorCall } from './wire/facilitator-call.js'
import type { SettlePermissionsParams, VerifyPermissionsParams } from './nevermined/facilitator.js'
import { HttpClient, POST, WRITE_TIMEOUT_MS } from './nevermined/api.js'
import type { X402Payment } from './nevermined/buyer-calls.js'
import { isPermission, refusePermission } from './nevermined/permission.js'
import type { PayerOptions } from './nevermined/payer-options.js'
import type { WarmOptions } from './nevermined/warm-up.js'
import {
  createDelegations,
  createPayer,
  createPlans,
  createTokens,
  type Delegations,
  type Plans,
  type X402Tokens,
} from './nevermined/subscriber.js'
import type { Challenge, Requirement } from './wire/x402-challenge.js'
import {
  type SettleResponse,
  SettleResponseSchema,
  type VerifyResponse,
  VerifyResponseSchema,
} from './wire/x402.js'

/** Options of {@link Payments.getInstance}, named as in the official client. */
export interface PaymentsOptions {
  /**
   * The key, `<environment>:<jwt>`, from the Nevermined app. It usually comes from `process.env.NVM_API_KEY`.
   */
  nvmApiKey: string | undefined
  /**
   * The environment of the key: `sandbox`, `live`, `staging_sandbox`, `staging_live` or `custom`. If the prefix of the
   * key names another one, that is an error. A `local:` key goes to the local stack whatever stands here. For a key
   * whose prefix names no environment, this option decides.
   *
   * @default `NVM_ENVIRONMENT` if it names an environment, else by the prefix of the key, else `'custom'`
   */
  environment?: EnvironmentName | (string & {}) | undefined
  /**
   * Where the API is: a proxy, or a backend of your own. The address of another one of Nevermined's environments is an
   * error.
   *
   * @default by environment; for `custom` `NVM_BACKEND_URL` or `http://localhost:3001`
   */
  backendUrl?: string | undefined
  /**
   * The clock, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/** Unit: ms. */
const VERIFY_TIMEOUT_MS = 5_000

/**
 * The Nevermined client, with the names of the official TypeScript SDK. Making one does no I/O. The HTTP
 * library is loaded on first use, or in {@link Payments.warm}.
 *
 * Every method but `warm` throws a `PaymentsError` with `code`, `httpStatus`, `retryable` and `outcome`. A
 * wrong argument is an `OptionsError` that names the argument. Nothing is sent then.
 *
 * @see https://docs.nevermined.app
 */
export class Payments {
  /** The environment that the client talks to. */
  readonly environmentName: EnvironmentName
  /** Where the API is, without a user or password in it. */
  readonly backendUrl: string
  /** The address the key belongs to. */
  readonly accountAddress: string
  /**
   * Verifies and settles payments. A seller's wrapper calls it. Verify ends after 5 s and settle after 25 s,
   * unless the call says otherwise.
   */
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
  /** Reads plans and balances, and buys plans. */
  readonly plans: Plans
  /** Mints access tokens, which are payments. */
  readonly x402: X402Tokens
  /** Creates delegations, from which tokens may spend more than the account's credits. */
  readonly delegation: Delegations
  readonly #http: HttpClient
  readonly #now: () => number
  readonly #nvmApiKey: string
  #agentcore: AgentCore | undefined

  /**
   * Makes a client for one API key. It does no I/O.
   *
   * @throws OptionsError if the key is missing or holds no readable JWT, or if the URL is no http(s) URL.
   * @throws OptionsError if key, environment and URL contradict each other.
   */
  static getInstance(options: PaymentsOptions): Payments {
    return new Payments(options)
  }

  private constructor(options: PaymentsOptions) {
    const { nvmApiKey, account, now, environmentName, backend } = inCall(
      'Payments.getInstance',
      { ...options, options },
      () => connected(options),
    )
    this.environmentName = environmentName
    this.backendUrl = backend.origin + backend.pathname.replace(/\/$/, '')
    this.accountAddress = account
    this.#now = now
    this.#nvmApiKey = nvmApiKey
    this.#http = new HttpClient(backend, nvmApiKey, now)
    this.facilitator = this.#facilitator()
    this.plans = createPlans(this.#http, account)
    this.x402 = createTokens(this.#http, chainOf(environmentName))
    this.delegation = createDelegations(this.#http)
  }

  /**
   * Loads the HTTP library and opens a connection. With `planIds`, it also looks up those plans. Await it at
   * top level, so that it happens in the Lambda's INIT. It never throws because of an outage: the first call
   * tries again, and reports the failure. A mistake in the setup is logged in words: a plan that does not exist, a
   * backend that cannot be reached, or a clock that is wrong.
   *
   * @throws OptionsError if the argument is wrong.
   */
  async warm(options: WarmOptions = {}): Promise<void> {
    const { warmUp } = await import('./nevermined/warm-up.js')
    await warmUp({ payments: this, http: this.#http, now: this.#now }, options)
  }

  /** The interceptor that sells through this instance. It is the same object every time. */
  get agentcore(): AgentCore {
    this.#agentcore ??= createAgentCore(this)
    return this.#agentcore
  }

  /**
   * Mints a single-use token for what a challenge asks. This makes the client a payer of `payingMcp`. The
   * caller decides whether `call.requirement` should be paid: `payingMcp` checks its limits.
   *
   * @throws PaymentError if the requirement is not one of Nevermined's.
   */
  pay(paymentRequired: Challenge, call: { requirement: Requirement }): Promise<X402Payment> {
    return this.payer()(paymentRequired, call)
  }

  /**
   * A payer like `pay`, with a delegation or with reusable tokens. Its `plans` show paying clients the
   * balance.
   */
  payer(options?: PayerOptions): Payments['pay'] & Pick<Payments, 'plans'> {
    const pay = inCall('payments.payer', options, () => createPayer(this.#http, options))
    return Object.assign(pay, { plans: this.plans })
  }

  /**
   * Derives 32 bytes from the API key (HKDF-SHA256). Only holders of the key can derive them, and they do not
   * reveal the key. They are the same in every container, and differ for every purpose.
   */
  deriveSecret(purpose: string): Uint8Array {
    text('purpose', purpose)
    return new Uint8Array(hkdfSync('sha256', this.#nvmApiKey, '', `agentcore-x402 ${purpose}`, 32))
  }

  #facilitator(): Payments['facilitator'] {
    return {
      verifyPermissions: async (params, call) => {
        if (!isPermission(params)) await refusePermission('verifyPermissions', params)
        return this.#http.request(VerifyResponseSchema, {
          ...POST,
          path: '/api/v1/x402/verify',
          body: withDecimals(params),
          repeatable: true,
          timeoutMs: call?.timeoutMs ?? VERIFY_TIMEOUT_MS,
          correlationId: call?.correlationId,
        })
      },
      settlePermissions: async (params, call) => {
        if (!isPermission(params)) await refusePermission('settlePermissions', params)
        return this.#http.request(SettleResponseSchema, {
          ...POST,
          path: '/api/v1/x402/settle',
          body: withDecimals(params),
          timeoutMs: call?.timeoutMs ?? WRITE_TIMEOUT_MS,
          correlationId: call?.correlationId,
        })
      },
    }
  }
}

/** Turns credits into decimal strings. They are uint256, and the API refuses large JSON numbers. */
function withDecimals(params: VerifyPermissionsParams): unknown {
  return { ...params, maxAmount: params.maxAmount?.toString() }
}

const OPTIONS: Readonly<Record<keyof PaymentsOptions, true>> = {
  nvmApiKey: true,
  environment: true,
  backendUrl: true,
  now: true,
}

function connected(options: PaymentsOptions) {
  const { nvmApiKey, account, environment, backendUrl, now = Date.now } = checked(options)
  return { nvmApiKey, account, now, ...connectionOf({ nvmApiKey, environment, backendUrl }) }
}

function checked(options: PaymentsOptions) {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option')
  const { nvmApiKey, environment, backendUrl, now } = options
  if (typeof nvmApiKey !== 'string' || nvmApiKey === '') {
    throw new OptionsError('nvmApiKey', 'required: is the environment variable NVM_API_KEY set?')
  }
  const cutOff = nvmApiKey.includes('eyJ') ? 'a key that is cut off' : undefined
  const kind = looksLike(nvmApiKey) ?? cutOff
  const seen = kind === undefined ? '' : `looks like ${kind}; `
  // A quote or a line break before the prefix would hide the environment that the key is for.
  if (!/^([\w-]*:)?[!#-&(-~]+$/.test(nvmApiKey)) {
    throw new OptionsError('nvmApiKey', 'contains a quote, a space or a line break')
  }
  const account = accountOf(nvmApiKey)
  if (account === undefined) {
    const expected = 'expected <environment>:<jwt>, as the Nevermined app shows it'
    throw new OptionsError('nvmApiKey', seen + expected)
  }
  if (environment !== undefined && !isEnvironmentName(environment)) {
    // A text that is no short word may be a key in the wrong place: it is not shown.
    const given = /^[\w-]{1,20}$/.test(String(environment)) ? `is '${environment}'; ` : ''
    throw new OptionsError('environment', `${given}expected one of ${ENVIRONMENT_NAMES.join(', ')}`)
  }
  if (backendUrl !== undefined && typeof backendUrl !== 'string') {
    throw new OptionsError('backendUrl', 'expected an http(s) URL')
  }
  return { nvmApiKey, account, environment, backendUrl, now }
}
