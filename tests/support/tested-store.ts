import { memoryStore, type PaymentStore } from '../../src/index.js'

/** The store that a file of tests runs on, where it is not the default one of the process. */
let shared: PaymentStore | undefined
let make: () => PaymentStore | Promise<PaymentStore> = () => memoryStore()

/** Has the tests run on another kind of store. @param one for all sales that name none. */
export function testOn(other: { shared: PaymentStore; make: () => Promise<PaymentStore> }): void {
  ;({ shared, make } = other)
}

/** The option of a sale that names no store. */
export function defaultStore(): { paymentStore?: PaymentStore } {
  return shared === undefined ? {} : { paymentStore: shared }
}

/** A store of its own. */
export async function newStore(): Promise<PaymentStore> {
  return make()
}

/** Whether it is a store that every container shares. */
export function isShared(): boolean {
  return shared?.scope === 'shared'
}
