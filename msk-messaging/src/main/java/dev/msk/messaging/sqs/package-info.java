/** Amazon SQS as {@link dev.msk.messaging.spi.EventTransport}: {@link dev.msk.messaging.sqs.SqsTransport}. Needs Amazon's client, sqs. */
package dev.msk.messaging.sqs;
