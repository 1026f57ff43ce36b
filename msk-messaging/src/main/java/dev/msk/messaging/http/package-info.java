/** Events as HTTP messages of any library. Open {@link dev.msk.messaging.http.HttpEventFormat}. */
package dev.msk.messaging.http;
