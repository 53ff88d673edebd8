/** A member of the input that does not fit, and what is expected. */
export interface InvalidField {
  name: string
  message: string
}

/**
 * Why an input was refused.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ValidationException.html
 */
export type ValidationReason =
  | 'CannotParse'
  | 'FieldValidationFailed'
  | 'IdempotentParameterMismatchException'
  | 'ResourceConflict'

/** An error of the service in the form AWS sends it: a name, a status and members. */
export class AwsFault extends Error {
  override readonly name: string
  readonly status: number
  readonly members: Record<string, unknown>

  constructor(
    name: string,
    status: number,
    message: string,
    members: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = name
    this.status = status
    this.members = members
  }
}

/** The error for a value that AWS's model allows and the service does not. */
export function refused(
  message: string,
  reason: ValidationReason = 'FieldValidationFailed',
): AwsFault {
  return new AwsFault('ValidationException', 400, message, { reason })
}

/** The error for members that break a constraint of the model. */
export function invalid(fields: readonly InvalidField[]): AwsFault {
  const found = fields.map(
    ({ name, message }) => `Value at '${name}' failed to satisfy constraint: ${message}`,
  )
  const count = `${fields.length} validation error${fields.length === 1 ? '' : 's'} detected`
  const members = { reason: 'FieldValidationFailed', fieldList: fields }
  return new AwsFault('ValidationException', 400, `${count}: ${found.join('; ')}`, members)
}

export function notFound(message: string): AwsFault {
  return new AwsFault('ResourceNotFoundException', 404, message)
}

export function conflict(message: string): AwsFault {
  return new AwsFault('ConflictException', 409, message)
}

export function accessDenied(message: string): AwsFault {
  return new AwsFault('AccessDeniedException', 403, message)
}

/** The error to answer with. An error that is not the service's own is not described to the caller. */
export function asFault(error: unknown): AwsFault {
  return error instanceof AwsFault
    ? error
    : new AwsFault('InternalServerException', 500, 'Internal error')
}

/** The error for a text that is no JSON. */
export function unreadable(message: string): AwsFault {
  return new AwsFault('SerializationException', 400, message)
}

export function unknownOperation(message: string): AwsFault {
  return new AwsFault('UnknownOperationException', 404, message)
}
