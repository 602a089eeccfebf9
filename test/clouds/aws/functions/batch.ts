/** An SQS batch as Lambda's event source mapping hands it over. */

export const batchOf = (bodies: readonly string[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: `receipt-${index}`,
    body,
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:210987654321:looks",
    awsRegion: "eu-west-1",
  })),
});

export const failuresOf = (answer: unknown): readonly string[] => {
  const { batchItemFailures } = answer as {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
  };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};
