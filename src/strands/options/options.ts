import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import type { ConnectionOptions } from '../../agentcore/aws/connection.js'
import type { Amount } from '../../wire/amounts.js'
import type { Logger } from '../../logger.js'
import type { OnPaymentError } from './error-resolution.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/**
 * What the plugin pays with, when, and how much at most. Names are those of AWS's Python plugin; optional
 * ones may be undefined, but not empty.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export interface AgentCorePaymentsPluginOptions
  extends ConnectionOptions<BedrockAgentCoreClient>,
    PaymentBounds,
    HttpRequestOptions {
  /** `arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<id>` */
  paymentManagerArn: string
  /** Whose instruments and sessions are meant. Required, unless a bearer token says so itself. */
  userId?: string | undefined
  /** What to pay with. Without one, what has to be paid interrupts the agent. */
  paymentInstrumentId?: string | undefined
  /** In whose limits to pay. Without one, what has to be paid interrupts the agent; see `autoSession`. */
  paymentSessionId?: string | undefined
  /** Of the tools that look up instruments: which connector they mean. */
  paymentConnectorId?: string | undefined
  /**
   * Networks of x402 or CAIP-2, the preferred first; the empty list leaves it to the seller. One that
   * nobody knows is an OptionsError.
   *
   * @default NETWORK_PREFERENCES
   */
  networkPreferencesConfig?: readonly string[] | undefined
  /** False: answers that ask for a payment reach the model as they are. @default true */
  autoPayment?: boolean | undefined
  /** Which agent asks, for AWS's observability. At most 256 characters. */
  agentName?: string | undefined
  /** Tools that may be paid for, by their names; `[]` is none. Default: every tool. */
  paymentToolAllowlist?: readonly string[] | undefined
  /** Whether the agent gets the tool `http_request`, where it has none of that name. @default true */
  provideHttpRequest?: boolean | undefined
  /**
   * How long to wait after a payment was signed before it is sent: a signature is not valid before the block
   * it was made in. Unit: seconds, 0 to 3600. @default 3
   */
  postPaymentRetryDelaySeconds?: number | undefined
  /**
   * How often a tool call that could not be paid interrupts the agent, until the model is told that it
   * failed. 0: never. @default 5
   */
  maxInterruptRetries?: number | undefined
  /** Of tools with answers or inputs of a form of their own, by the tools' names. They come first. */
  customHandlers?: Readonly<Record<string, PaymentResponseHandler>> | undefined
  /**
   * Make a session when the first payment needs one. It is never made twice, nor another one when it is
   * over: its budget is all the agent may spend. @default false
   */
  autoSession?: boolean | undefined
  /** Of that session. Unit: US dollars, as a decimal string. @default '1.00' */
  autoSessionBudget?: string | undefined
  /** Of that session. Unit: minutes, 15 to 480. @default 60 */
  autoSessionExpiryMinutes?: number | undefined
  /** Asked when a payment fails, before the agent is interrupted. */
  onPaymentError?: OnPaymentError | undefined
  /** How often `onPaymentError` may have one tool call tried again; 0: it is not asked. @default 3 */
  maxErrorRetries?: number | undefined
  /** MPP only: pay network fees on top of the amount where the seller does not. @default false */
  buyerPaysGasFees?: boolean | undefined
  /**
   * Scheme `upto` only: the allowance to set for Permit2 before the payment, an on-chain transaction
   * of its own. In atomic units, above 0. Default: none is set.
   */
  permit2AllowanceLimit?: Amount | undefined
  /** Default: warnings and errors go to the console. */
  logger?: Logger | undefined
}

/** What a single payment may be, beside the limits of the session. */
export interface PaymentBounds {
  /**
   * The most one payment may be, in atomic units of whatever asset is asked for: not of much use without
   * `allowedAssets`. Default: what is left in the session.
   */
  maxAmountPerPayment?: Amount | undefined
  /**
   * Schemes that may be paid, the preferred first; `mpp:charge` is MPP's single payment.
   *
   * @default ['exact', 'upto', 'mpp:charge']
   */
  allowedSchemes?: readonly string[] | undefined
  /** Assets that may be paid with, as `<network>/<asset>`, or `<asset>` on any network. Default: any. */
  allowedAssets?: readonly string[] | undefined
  /** Who may be paid. Default: anybody. */
  allowedPayees?: readonly string[] | undefined
  /**
   * Hosts that may be paid, as `host` or `host:port`. Which host a call goes to is what its input has as
   * `url`; calls of tools without one are not paid then. Default: any.
   */
  allowedHosts?: readonly string[] | undefined
  /** The longest a signed payment may be valid. Unit: seconds. @default 3600 */
  maxTimeoutSeconds?: number | undefined
}

/** Of the tool `http_request`. */
export interface HttpRequestOptions {
  /** Whether it may reach this machine and private networks: the model chooses the URL. @default false */
  allowPrivateHosts?: boolean | undefined
}
