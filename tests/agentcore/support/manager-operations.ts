import type { PaymentManager } from '../../../src/agentcore/index.js'

export const NO_SESSION = 'payment-session-000000000000000'
export const NO_INSTRUMENT = 'payment-instrument-000000000000000'
const paymentConnectorId = 'connector-abcdefghij'
const paymentInstrumentId = NO_INSTRUMENT
const paymentSessionId = NO_SESSION

type Operate = (
  manager: PaymentManager,
  more?: { userId?: string },
  options?: { abortSignal?: AbortSignal },
) => Promise<unknown>

export type OperationName =
  | 'CreatePaymentInstrument'
  | 'GetPaymentInstrument'
  | 'ListPaymentInstruments'
  | 'GetPaymentInstrumentBalance'
  | 'DeletePaymentInstrument'
  | 'CreatePaymentSession'
  | 'GetPaymentSession'
  | 'ListPaymentSessions'
  | 'DeletePaymentSession'
  | 'ProcessPayment'

/** Calls every operation with a well-formed input, on something that does not exist. */
export const OPERATE: Record<OperationName, Operate> = {
  CreatePaymentInstrument: (manager, more, options) =>
    manager.createPaymentInstrument(
      {
        paymentConnectorId,
        paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
        paymentInstrumentDetails: {
          embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] },
        },
        ...more,
      },
      options,
    ),
  GetPaymentInstrument: (manager, more, options) =>
    manager.getPaymentInstrument({ paymentInstrumentId, ...more }, options),
  ListPaymentInstruments: (manager, more, options) =>
    manager.iteratePaymentInstruments({ ...more }, options).next(),
  GetPaymentInstrumentBalance: (manager, more, options) =>
    manager.getPaymentInstrumentBalance(
      { paymentInstrumentId, paymentConnectorId, chain: 'BASE', token: 'USDC', ...more },
      options,
    ),
  DeletePaymentInstrument: (manager, more, options) =>
    manager.deletePaymentInstrument({ paymentInstrumentId, paymentConnectorId, ...more }, options),
  CreatePaymentSession: (manager, more, options) =>
    manager.createPaymentSession({ expiryTimeInMinutes: 60, ...more }, options),
  GetPaymentSession: (manager, more, options) =>
    manager.getPaymentSession({ paymentSessionId, ...more }, options),
  ListPaymentSessions: (manager, more, options) =>
    manager.iteratePaymentSessions({ ...more }, options).next(),
  DeletePaymentSession: (manager, more, options) =>
    manager.deletePaymentSession({ paymentSessionId, ...more }, options),
  ProcessPayment: (manager, more, options) =>
    manager.processPayment(
      {
        paymentInstrumentId,
        paymentSessionId,
        paymentType: 'MPP',
        paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: ['Payment id="a"'] } },
        ...more,
      },
      options,
    ),
}

export const OPERATION_NAMES = Object.keys(OPERATE) as OperationName[]
