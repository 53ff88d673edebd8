import { PaymentError, type PaymentErrorCode } from '../../errors/payment-error.js'

/** Names are those of AWS's Python SDK; every one is a {@link PaymentError}, safe to log. */

/** The instrument does not exist, or is another user's. */
export class PaymentInstrumentNotFound extends PaymentError {
  override readonly name = 'PaymentInstrumentNotFound'

  constructor(message: string, options?: ErrorOptions) {
    super('instrument_not_found', message, options)
  }
}

/** The session does not exist, or is another user's. */
export class PaymentSessionNotFound extends PaymentError {
  override readonly name = 'PaymentSessionNotFound'

  constructor(message: string, options?: ErrorOptions) {
    super('session_not_found', message, options)
  }
}

/** The instrument cannot pay: not active, deleted, or on another network. */
export class InvalidPaymentInstrument extends PaymentError {
  override readonly name = 'InvalidPaymentInstrument'

  constructor(message: string, options?: ErrorOptions) {
    super('instrument_invalid', message, options)
  }
}

/** The payment would exceed what is left of the session's limit. */
export class InsufficientBudget extends PaymentError {
  override readonly name = 'InsufficientBudget'

  constructor(message: string, options?: ErrorOptions) {
    super('budget_insufficient', message, options)
  }
}

/** The session's time is over: create another. */
export class PaymentSessionExpired extends PaymentError {
  override readonly name = 'PaymentSessionExpired'

  constructor(message: string, options?: ErrorOptions) {
    super('session_expired', message, options)
  }
}

/** No instrument was given to pay with. */
export class PaymentInstrumentConfigurationRequired extends PaymentError {
  override readonly name = 'PaymentInstrumentConfigurationRequired'

  constructor(message: string, options?: ErrorOptions) {
    super('instrument_required', message, options)
  }
}

/** No session was given to pay in. */
export class PaymentSessionConfigurationRequired extends PaymentError {
  override readonly name = 'PaymentSessionConfigurationRequired'

  constructor(message: string, options?: ErrorOptions) {
    super('session_required', message, options)
  }
}

/** None of the MPP challenges can be paid with this instrument, or within the limits. */
export class MppChallengeSelectionError extends PaymentError {
  override readonly name = 'MppChallengeSelectionError'

  constructor(message: string, options?: ErrorOptions) {
    super('payment_unusable', message, options)
  }
}

/** A manager or connector ended in a state of failure. */
export class ResourceFailed extends PaymentError {
  override readonly name = 'ResourceFailed'
  /** As the service names it, e.g. `CREATE_FAILED`. */
  readonly status: string

  constructor(message: string, status: string, options?: ErrorOptions) {
    super('resource_failed', message, options)
    this.status = status
  }
}

/** A manager or connector was not ready in time. It may still become so. */
export class WaitTimeout extends PaymentError {
  override readonly name = 'WaitTimeout'
  /** What it was last seen in. */
  readonly status: string | undefined

  constructor(message: string, status: string | undefined, options?: ErrorOptions) {
    super('wait_timeout', message, options)
    this.status = status
  }
}

/** What was made on the way to a manager with connector; what is left of it after the rollback. */
export interface Leftover {
  resource: 'paymentConnector' | 'paymentManager' | 'credentialProvider'
  /** Id, or name of a credential provider. */
  id: string
  /**
   * Why it was not deleted: the name of an AWS error, or the status it was last seen in; `Unproven` where
   * nothing shows whose it is.
   */
  reason: string
  /**
   * False where no answer said what became of it: it may not be there, or be somebody else's of the same name.
   * Look before you delete it.
   */
  isCertain: boolean
}

/** A manager with connector could not be made; what had been made was deleted again, save `leftovers`. */
export class PaymentManagerCreationFailed extends PaymentError {
  override readonly name = 'PaymentManagerCreationFailed'
  readonly leftovers: readonly Leftover[]

  constructor(message: string, leftovers: readonly Leftover[], options?: ErrorOptions) {
    super('creation_failed', message, options)
    this.leftovers = leftovers
  }
}

/** Any other answer or failure of AWS. `code` is `aws.` and the name of its error. */
export class AwsError extends PaymentError {
  override readonly name = 'AwsError'

  constructor(awsName: string, message: string, options?: ErrorOptions) {
    super(`aws.${awsName}` satisfies PaymentErrorCode, message, options)
  }
}
