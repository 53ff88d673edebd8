import * as seller from '../../../src/index.js'

/** What a container remembers of payments, as options of both doors. */
export type PaymentStoreOptions = Readonly<Record<string, unknown>>

const { memoryStore } = seller as { memoryStore?: () => unknown }

/** The memory of a new container. Without `memoryStore` the process has one register that nobody can choose. */
export function newPaymentStore(): PaymentStoreOptions {
  return memoryStore === undefined ? {} : { paymentStore: memoryStore(), waitForAnswerMs: 0 }
}
