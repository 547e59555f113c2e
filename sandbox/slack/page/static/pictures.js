/** Where the picture of an image block or element is: on the web, or among the workspace's files. */

// Both a file's address and its permalink have its id as a part of their own.
const FILE_ID = /[/-](F0[A-Z0-9]{9})(?:\/|$)/;

export function pictureOf({ image_url: url, slack_file: file }) {
  if (!file) return url;
  const id = file.id ?? FILE_ID.exec(file.url)?.[1];
  return `/client/files/${encodeURIComponent(id)}`;
}
