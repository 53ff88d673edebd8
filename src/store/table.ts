import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/** The attribute for DynamoDB's deletion by time (TTL). Unit: seconds since the epoch. */
export const TTL_ATTRIBUTE = 'ttl'

/** The index of payments that still have to end. It is a hint: the record itself says what is true. */
export const DUE_INDEX = 'due'

/** The index is spread over this many partitions. */
export const DUE_SHARDS = 16

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
