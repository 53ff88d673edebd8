import type { Local } from '../../../../src/local/index.js'
import type { PaymentRequired } from '../../../../src/index.js'

/**
 * Takes the place of the official `@nevermined-io/payments`, which brings too many packages to be a
 * dependency. It has the method names and arguments of version 1.11.0. Its requests and errors are those that
 * this version was seen to make against the local stack. It calls `fetch` without a time limit, a correlation
 * id or a second argument. Its errors keep only `code`.
 *
 * @see https://github.com/nevermined-io/payments
 */
export class OfficialPayments {
  readonly facilitator: OfficialFacilitator
  readonly plans: OfficialPlans
  readonly delegation: OfficialDelegations
  readonly x402: OfficialTokens
  protected readonly environmentName: string

  constructor(local: Local, nvmApiKey: string, environmentName = 'custom') {
    const wire = new Wire(local.url, nvmApiKey)
    this.facilitator = new OfficialFacilitator(wire)
    this.plans = new OfficialPlans(wire)
    this.delegation = new OfficialDelegations(wire)
    this.x402 = new OfficialTokens(wire)
    this.environmentName = environmentName
  }

  getEnvironmentName(): string {
    return this.environmentName
  }
}

/** An error without status, `retryable`, correlation id and `cause`. */
class OfficialError extends Error {
  override readonly name = 'PaymentsError'
  readonly code: string

  constructor(message: string, code = 'payments_error') {
    super(message)
    this.code = code
  }
}

/** The headers of a call with a key, or of a public call. */
export function officialHeaders(nvmApiKey?: string): Record<string, string> {
  return {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    ...(nvmApiKey !== undefined && { Authorization: `Bearer ${nvmApiKey}` }),
    'Nevermined-Version': '1.1',
  }
}

class Wire {
  readonly #backend: string
  readonly #key: string

  constructor(backend: string, key: string) {
    this.#backend = backend
    this.#key = key
  }

  get(path: string): Promise<Response> {
    return fetch(new URL(path, this.#backend), { headers: officialHeaders() })
  }

  post(path: string, body?: unknown): Promise<Response> {
    return fetch(new URL(path, this.#backend), {
      method: 'POST',
      headers: officialHeaders(this.#key),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
}

interface Permission {
  paymentRequired: PaymentRequired
  x402AccessToken: string
  maxAmount?: bigint
  agentRequestId?: string
}

class OfficialFacilitator {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  verifyPermissions(params: Permission): Promise<{ isValid: boolean }> {
    return this.#ask<{ isValid: boolean }>('verify', params)
  }

  settlePermissions(params: Permission): Promise<{ success: boolean }> {
    return this.#ask<{ success: boolean }>('settle', params)
  }

  async #ask<T>(what: 'verify' | 'settle', { maxAmount, ...params }: Permission): Promise<T> {
    const amount = maxAmount !== undefined && { maxAmount: maxAmount.toString() }
    try {
      const response = await this.#wire.post(`/api/v1/x402/${what}`, { ...params, ...amount })
      if (!response.ok) throw await readError(response)
      return (await response.json()) as T
    } catch (error) {
      if (error instanceof OfficialError) throw error
      // A refused connection, a lost answer and broken JSON all end here.
      throw new OfficialError(`Network error: ${String(error)}`, 'network_error')
    }
  }
}

/** Looks up plans. Errors of `fetch` and `json()` go out as they are. */
class OfficialPlans {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async getPlan(planId: string): Promise<unknown> {
    return orThrow(await this.#wire.get(`/api/v1/protocol/plans/${planId}`))
  }

  async getPlanBalance(planId: string, holder: string): Promise<unknown> {
    return orThrow(await this.#wire.get(`/api/v1/protocol/plans/${planId}/balance/${holder}`))
  }

  async orderPlan(planId: string): Promise<unknown> {
    return orThrow(await this.#wire.post(`/api/v1/protocol/plans/${planId}/order`))
  }
}

class OfficialDelegations {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async createDelegation(terms: {
    provider: string
    spendingLimitCents: number
    durationSecs: number
    currency: string
  }): Promise<{ delegationId: string }> {
    const response = await this.#wire.post('/api/v1/delegation/create', terms)
    return (await orThrow(response)) as { delegationId: string }
  }
}

class OfficialTokens {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Needs a delegation before it sends anything. Every failure has the code `internal`. */
  async getX402AccessToken(
    planId: string,
    agentId?: string,
    options?: { delegationConfig?: { delegationId: string } },
  ): Promise<{ accessToken: string }> {
    const delegationConfig = options?.delegationConfig
    if (delegationConfig === undefined) {
      throw new OfficialError('delegationConfig is required', 'validation')
    }
    const extra = { ...(agentId !== undefined && { agentId }) }
    const accepted = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId, extra }
    const response = await this.#wire.post('/api/v1/x402/permissions', {
      accepted,
      delegationConfig,
    })
    if (!response.ok) throw new OfficialError(`HTTP ${response.status}`, 'internal')
    return (await response.json()) as { accessToken: string }
  }
}

async function orThrow(response: Response): Promise<unknown> {
  if (response.ok) return response.json()
  const { message, code } = (await response.json().catch(() => ({}))) as Partial<ErrorBody>
  throw new OfficialError(`${message}`, code)
}

interface ErrorBody {
  code: string
  message: string
  hint?: string
}

/** The code in the body, or one made of the status. Nothing else tells a refusal from an outage. */
async function readError(response: Response): Promise<OfficialError> {
  const body = (await response.json().catch(() => ({}))) as Partial<ErrorBody>
  return new OfficialError(
    `${body.message}. ${body.message}`,
    body.code ?? `http_${response.status}`,
  )
}
