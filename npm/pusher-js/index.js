export * from 'echolite/pusher';
export { default } from 'echolite/pusher';
