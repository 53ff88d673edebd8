import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { HTTPFacilitatorClient, Payments, type InterceptorStore } from '../../src/index.js'
import { startLocal, type Local } from '../../src/local/index.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import type { Account } from '../seller/money/support/x402-payments.js'
import { Ledgers } from './ledgers.js'
import { newPaymentStore, type PaymentStoreOptions } from './selling/payment-stores.js'
import { Script, scripted } from './script.js'
import { Workshop } from './selling/workshop.js'

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:1'
const PLENTY = 10n ** 15n

/** A process of the seller. */
export interface Container {
  payments: PaymentStoreOptions
  /** Changes where the container was ended, so that its wrappers are made anew. */
  generation: number
}

/** Facilitators with their ledgers, a seller and a buyer, of one lane: one call of a run after the other. */
export interface World {
  local: Local
  script: Script
  ledgers: Ledgers
  workshop: Workshop
  /** The buyer's account of money. */
  account: Account
  containers: Container[]
  /** What the phases of interceptors share, wherever they run. */
  phaseStore: InterceptorStore
  payments: Payments
  facilitator: HTTPFacilitatorClient
  close: () => Promise<void>
}

export async function openWorld(containers: number): Promise<World> {
  const local = await startLocal()
  const script = new Script(local)
  const account = privateKeyToAccount(generatePrivateKey())
  await local.x402.fund(account.address, PLENTY)
  const { nvmApiKey, url, x402 } = local
  const [alive, dead] = [url, DEAD].map((backendUrl) =>
    Payments.getInstance({ nvmApiKey, environment: 'custom', backendUrl }),
  ) as [Payments, Payments]
  const standard = new HTTPFacilitatorClient({ url: x402.url })
  await standard.warm()
  const facilitator = scripted(alive.facilitator, dead.facilitator, (asked) =>
    script.isRefused('plan', asked),
  )
  return {
    ...{ local, script, account },
    ledgers: new Ledgers(local),
    workshop: new Workshop(),
    containers: Array.from({ length: containers }, () => ({
      payments: newPaymentStore(),
      generation: 0,
    })),
    phaseStore: memoryStore(),
    payments: withFacilitator(alive, facilitator),
    facilitator: scripted(standard, new HTTPFacilitatorClient({ url: DEAD }), (asked) =>
      script.isRefused('money', asked),
    ),
    close: () => local.close(),
  }
}

/** The same client, but for who verifies and settles. */
function withFacilitator(payments: Payments, facilitator: Payments['facilitator']): Payments {
  return new Proxy(payments, {
    get: (target, name) => {
      if (name === 'facilitator') return facilitator
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Lambda has ended a container: what it remembered is gone, and a new one takes its place. */
export function endContainer(container: Container): void {
  container.payments = newPaymentStore()
  container.generation += 1
}
