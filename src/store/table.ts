import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/** The attribute for DynamoDB's deletion by time (TTL). Unit: seconds since the epoch. */
export const TTL_ATTRIBUTE = 'ttl'

/** The index of payments that wait for the worker or a person. It is a hint: the record itself says what is true. */
export const DUE_INDEX = 'due'

/** Each group of records is spread over this many partitions of the index. */
export const DUE_SHARDS = 16

/** Where each group of records begins in the index. Those after the first wait for a person. */
export const SHARDS = { due: 0, refundsDue: DUE_SHARDS, dead: 2 * DUE_SHARDS } as const

/**
 * The table that `dynamoDbStore` works on, as DynamoDB's `CreateTable` takes it. Turn deletion by time on for it
 * afterwards (`UpdateTimeToLive` with {@link TTL_ATTRIBUTE}); `CreateTable` cannot.
 *
 * @param table its name.
 */
export function tableDefinition(table: string): CreateTableCommandInput {
  return {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'shard', AttributeType: 'N' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: 'shard', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  }
}
