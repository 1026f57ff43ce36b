/** Events as JSON documents, single and in batches. Open {@link dev.msk.messaging.json.JsonEventFormat}. */
package dev.msk.messaging.json;
