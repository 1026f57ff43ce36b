package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

class SqsServerTest {
  /** As long as SQS lets a receiver wait. */
  private static final int PATIENT = 20;

  private static SqsServer sqs;
  private static SqsClient client;

  @BeforeAll
  static void start() {
    sqs = SqsServer.start();
    client = SqsClient.builder()
        .endpointOverride(sqs.endpoint())
        .region(Region.of(sqs.region()))
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  @AfterAll
  static void close() {
    client.close();
    sqs.close();
    assertThat(sqs.folder()).doesNotExist();
  }

  @Test
  void message_thatIsDeleted_doesNotComeAgain() {
    String queue = sqs.createQueue("plain", Map.of("VisibilityTimeout", "1"));
    client.sendMessage(send -> send.queueUrl(queue).messageBody("hello"));

    Message message = receive(queue, PATIENT).get(0);
    delete(queue, message);

    assertThat(message.body()).isEqualTo("hello");
    assertThat(receive(queue, 2)).isEmpty();
  }

  @Test
  void message_thatIsNotDeleted_comesAgainWhenItsTimeIsOver() {
    String queue = sqs.createQueue("again", Map.of("VisibilityTimeout", "1"));
    client.sendMessage(send -> send.queueUrl(queue).messageBody("hello"));
    receive(queue, PATIENT);
    assertThat(receive(queue, 0)).isEmpty();

    Message second = receive(queue, PATIENT).get(0);

    assertThat(count(second)).isEqualTo("2");
  }

  @Test
  void visibility_thatIsChanged_countsFromThen() {
    String queue = sqs.createQueue("visibility", Map.of("VisibilityTimeout", "600"));
    client.sendMessage(send -> send.queueUrl(queue).messageBody("hello"));
    Message first = receive(queue, PATIENT).get(0);

    client.changeMessageVisibility(
        change -> change.queueUrl(queue).receiptHandle(first.receiptHandle()).visibilityTimeout(0));

    assertThat(receive(queue, PATIENT)).hasSize(1);
  }

  @Test
  void message_thatCameTooOften_goesToTheDeadLetterQueue() {
    String dead = sqs.createQueue("dead", Map.of());
    String arn = "arn:aws:sqs:" + sqs.region() + ":000000000000:dead";
    String queue = sqs.createQueue(
        "poisoned",
        Map.of(
            "VisibilityTimeout",
            "0",
            "RedrivePolicy",
            "{\"deadLetterTargetArn\": \"" + arn + "\", \"maxReceiveCount\": \"2\"}"));
    client.sendMessage(send -> send.queueUrl(queue).messageBody("poison"));

    assertThat(receive(queue, PATIENT)).hasSize(1);
    assertThat(receive(queue, PATIENT)).hasSize(1);
    assertThat(receive(queue, 0)).isEmpty();

    Message message = receive(dead, PATIENT).get(0);
    assertThat(message.body()).isEqualTo("poison");
    assertThat(count(message)).as("of all queues").isEqualTo("3");
  }

  @Test
  void fifo_remembersDeduplicationIds_alsoOfWhatIsDeleted() {
    String queue = sqs.createQueue("deduplicated.fifo", Map.of());
    SendMessageResponse first = send(queue, "a", "same", "one");
    delete(queue, receive(queue, PATIENT).get(0));

    SendMessageResponse second = send(queue, "a", "same", "two");

    assertThat(second.messageId()).isEqualTo(first.messageId());
    assertThat(receive(queue, 1)).isEmpty();
  }

  @Test
  void fifo_groupGivesOutNothing_whileOneOfItsMessagesIsInFlight() {
    String queue = sqs.createQueue("groups.fifo", Map.of());
    send(queue, "a", "1", "a1");
    send(queue, "a", "2", "a2");
    send(queue, "b", "3", "b1");

    List<Message> heads = new ArrayList<>(receive(queue, PATIENT));
    heads.addAll(receive(queue, PATIENT));
    assertThat(heads).extracting(Message::body).containsExactlyInAnyOrder("a1", "b1");
    assertThat(receive(queue, 0)).isEmpty();
    heads.stream().filter(head -> head.body().equals("a1")).forEach(head -> delete(queue, head));

    assertThat(receive(queue, PATIENT)).extracting(Message::body).containsExactly("a2");
  }

  /** What SqsServer says of it, so that nobody relies on more; SQS has 20 digits. */
  @Test
  void fifo_sequenceNumbers_areShort() {
    String queue = sqs.createQueue("sequence.fifo", Map.of());

    String first = send(queue, "a", "1", "one").sequenceNumber();
    String second = send(queue, "a", "2", "two").sequenceNumber();

    assertThat(first).matches("\\d{1,6}");
    assertThat(Long.parseLong(second)).isGreaterThan(Long.parseLong(first));
  }

  /** What SqsServer says of it, so that nobody relies on it; SQS refuses this. */
  @Test
  void fifo_receiptHandle_deletesWhenItsTimeIsOver() {
    String queue = sqs.createQueue("late.fifo", Map.of("VisibilityTimeout", "0"));
    send(queue, "a", "1", "one");
    Message message = receive(queue, PATIENT).get(0);

    delete(queue, message);

    assertThat(receive(queue, 1)).isEmpty();
  }

  @Test
  void limits_areThoseOfSqs() {
    String queue = sqs.createQueue("limits", Map.of());

    assertThatThrownBy(() -> receive(queue, 21))
        .isInstanceOfSatisfying(
            SqsException.class, e -> assertThat(e.statusCode()).isEqualTo(400));
    assertThatThrownBy(() -> client.sendMessage(
            send -> send.queueUrl(queue).messageBody("x".repeat(1024 * 1024 + 1))))
        .isInstanceOfSatisfying(
            SqsException.class, e -> assertThat(e.statusCode()).isEqualTo(400));
  }

  @Test
  void createQueue_withABadName_saysSo() {
    assertThatThrownBy(() -> sqs.createQueue("or ders", Map.of()))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)sqs: queue or ders: status 400 .*alphanumeric.* \\(log: /.*\\.log\\)");
  }

  @Test
  void pause_losesNothing_andKillAll() {
    String queue = sqs.createQueue("outages", Map.of());
    client.sendMessage(send -> send.queueUrl(queue).messageBody("before"));

    sqs.pause();
    sqs.resume();
    assertThat(receive(queue, PATIENT)).extracting(Message::body).containsExactly("before");

    sqs.kill();
    assertThat(sqs.isAlive()).isFalse();
    assertThatThrownBy(() -> receive(queue, 0)).isInstanceOf(SdkClientException.class);
    sqs.restart();
    assertThatThrownBy(() -> receive(queue, 0)).isInstanceOf(QueueDoesNotExistException.class);
    assertThat(sqs.createQueue("outages", Map.of())).isEqualTo(queue);
  }

  @Test
  void listener_isOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(sqs.pid())).containsExactly(sqs.address());
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> SqsServer.builder().port(sqs.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)sqs: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private static SendMessageResponse send(String queue, String group, String id, String body) {
    return client.sendMessage(send ->
        send.queueUrl(queue).messageGroupId(group).messageDeduplicationId(id).messageBody(body));
  }

  /** At most one. */
  private static List<Message> receive(String queue, int seconds) {
    ReceiveMessageRequest request = ReceiveMessageRequest.builder()
        .queueUrl(queue)
        .waitTimeSeconds(seconds)
        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
        .build();
    return client.receiveMessage(request).messages();
  }

  private static void delete(String queue, Message message) {
    client.deleteMessage(delete -> delete.queueUrl(queue).receiptHandle(message.receiptHandle()));
  }

  private static String count(Message message) {
    return message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
  }
}
