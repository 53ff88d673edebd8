import { PaymentError, type PaymentErrorCode } from '../../errors/payment-error.js'

/** The names are those of AWS's Python SDK. Every error is a {@link PaymentError}, and safe to log. */

/** The instrument does not exist, or belongs to another user. */
export class PaymentInstrumentNotFound extends PaymentError {
  override readonly name = 'PaymentInstrumentNotFound'

  constructor(message: string, options?: ErrorOptions) {
    super('instrument_not_found', message, options)
  }
}

/** The session does not exist, or belongs to another user. */
export class PaymentSessionNotFound extends PaymentError {
  override readonly name = 'PaymentSessionNotFound'

  constructor(message: string, options?: ErrorOptions) {
    super('session_not_found', message, options)
  }
}

/** The instrument cannot pay: it is not active, it is deleted, or it is on another network. */
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

/** The session has expired. Create another one. */
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
  /** The status in which it was last seen. */
  readonly status: string | undefined

  constructor(message: string, status: string | undefined, options?: ErrorOptions) {
    super('wait_timeout', message, options)
    this.status = status
  }
}

/** A resource that was made for a manager with connector and may be left after the rollback. */
export interface Leftover {
  /** Which kind of resource it is. */
  resource: 'paymentConnector' | 'paymentManager' | 'credentialProvider'
  /** The id. For a credential provider, its name. */
  id: string
  /**
   * Why it was not deleted: the name of an AWS error, or the status in which it was last seen. `Unproven` if
   * nothing shows whose it is.
   */
  reason: string
  /**
   * False if no answer said what became of it. It may not be there, or be somebody else's with the same name.
   * Look before you delete it.
   */
  isCertain: boolean
}

/** A manager with connector could not be made. What had been made was deleted again, except `leftovers`. */
export class PaymentManagerCreationFailed extends PaymentError {
  override readonly name = 'PaymentManagerCreationFailed'
  /** What may still be there. It is empty if nothing is left. What was made last comes first. */
  readonly leftovers: readonly Leftover[]

  constructor(message: string, leftovers: readonly Leftover[], options?: ErrorOptions) {
    super('creation_failed', message, options)
    this.leftovers = leftovers
  }
}

/** Any other error of AWS. `code` is `aws.` and the name of the error. */
export class AwsError extends PaymentError {
  override readonly name = 'AwsError'

  constructor(awsName: string, message: string, options?: ErrorOptions) {
    super(`aws.${awsName}` satisfies PaymentErrorCode, message, options)
  }
}
