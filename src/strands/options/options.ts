import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import type { ConnectionOptions } from '../../agentcore/aws/connection.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { Amount } from '../../wire/amounts.js'
import type { Logger } from '../../logger.js'
import type { OnPaymentError } from './error-resolution.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/**
 * What the plugin pays with, when, and how much at most. Names are those of AWS's Python plugin. Optional ones may be
 * undefined, but not empty.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export interface AgentCorePaymentsPluginOptions
  extends ConnectionOptions<BedrockAgentCoreClient>,
    HttpRequestOptions {
  /** The manager, `arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<id>`. */
  paymentManagerArn: string
  /**
   * Whose instruments and sessions are meant. Required, unless a bearer token or a `client` says so itself. At most 120
   * characters.
   *
   * @default none
   */
  userId?: string | undefined
  /**
   * What to pay with. Without it, a call that has to be paid interrupts the agent.
   *
   * @default none
   */
  paymentInstrumentId?: string | undefined
  /**
   * The session in whose limits to pay. Without it, a call that has to be paid interrupts the agent, unless there is an
   * `autoSession`.
   *
   * @default none
   */
  paymentSessionId?: string | undefined
  /**
   * The connector that the plugin's tools mean when they look up instruments.
   *
   * @default none
   */
  paymentConnectorId?: string | undefined
  /**
   * Networks by their names in x402 or CAIP-2, the preferred first. The empty list leaves the choice to the seller.
   *
   * @default `NETWORK_PREFERENCES`
   */
  networkPreferencesConfig?: readonly string[] | undefined
  /**
   * Whether to pay. With `false`, answers that ask for a payment reach the model as they are.
   *
   * @default true
   */
  autoPayment?: boolean | undefined
  /**
   * Which agent asks, for AWS's observability. At most 256 characters.
   *
   * @default none
   */
  agentName?: string | undefined
  /**
   * The tools that may be paid for, by their names. `[]` is no tool.
   *
   * @default every tool
   */
  paymentToolAllowlist?: readonly string[] | undefined
  /**
   * Whether the agent gets the tool `http_request`, if it has none of that name.
   *
   * @default true
   */
  provideHttpRequest?: boolean | undefined
  /**
   * How long to wait between signing a payment and sending it. A signature is not valid before the block it was made
   * in. Unit: s, 0 to 3600.
   *
   * @default 3
   */
  postPaymentRetryDelaySeconds?: number | undefined
  /**
   * How often a tool call that could not be paid interrupts the agent, until the model is told that it failed. 0 means
   * never. Unit: interrupts, 0 to 1000.
   *
   * @default 5
   */
  maxInterruptRetries?: number | undefined
  /**
   * Handlers for tools whose answers or inputs have a form of their own, by the names of the tools. They come before
   * the built-in handlers.
   *
   * @default none
   */
  customHandlers?: Readonly<Record<string, PaymentResponseHandler>> | undefined
  /**
   * Whether to make a session when the first payment needs one. It is made once. When it is over, no other is made: its
   * budget is all that the agent may spend.
   *
   * @default false
   */
  autoSession?: boolean | undefined
  /**
   * How much may be spent in that session. Unit: US dollars, as a decimal text.
   *
   * @default '1.00'
   */
  autoSessionBudget?: string | undefined
  /**
   * How long that session lasts. Unit: minutes, 15 to 480.
   *
   * @default 60
   */
  autoSessionExpiryMinutes?: number | undefined
  /**
   * Asked when a payment fails, before the agent is interrupted.
   *
   * @default none: the agent is interrupted
   */
  onPaymentError?: OnPaymentError | undefined
  /**
   * How often `onPaymentError` may have one tool call tried again. 0 means that it is not asked. Unit: attempts, 0 to
   * 1000.
   *
   * @default 3
   */
  maxErrorRetries?: number | undefined
  /**
   * For MPP only: whether to pay network fees on top of the amount if the seller does not pay them.
   *
   * @default false
   */
  buyerPaysGasFees?: boolean | undefined
  /**
   * For the scheme `upto` only: the allowance to set for Permit2 before the payment. Setting it is an on-chain
   * transaction of its own. Unit: atomic units of the asset, 1 or more.
   *
   * @default none: no allowance is set
   */
  permit2AllowanceLimit?: Amount | undefined
  /**
   * What a single payment may be, beside the limits of the session. `hosts` is held against `url` in the input of the
   * tool call. A call without a `url` is then not paid.
   *
   * @default what the session allows, in the schemes `exact`, `upto` and `mpp:charge`, for payments valid for an hour
   * at most
   */
  limits?: SignedPaymentLimits | undefined
  /**
   * What to log through: an object with `debug`, `info`, `warn` and `error`.
   *
   * @default warnings and errors go to the console
   */
  logger?: Logger | undefined
}

/** Options of the tool `http_request`. */
export interface HttpRequestOptions {
  /**
   * Whether `http_request` may reach this machine and private networks. The model chooses the URL.
   *
   * @default false
   */
  allowPrivateHosts?: boolean | undefined
}
