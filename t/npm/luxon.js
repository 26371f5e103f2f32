import { DateTime, Duration } from 'luxon';

export default {
    fetch() {
        const utc = DateTime.fromISO('2024-02-29T13:05:09Z', { zone: 'utc' });
        const berlin = utc.setZone('Europe/Berlin');
        const summer = DateTime.fromISO('2024-06-01T12:00',
                                        { zone: 'America/New_York' });

        return Response.json([
            utc.plus({ years: 1 }).toISODate(), utc.toHTTP(),
            utc.toFormat('EEEE d LLLL yyyy, HH:mm'),
            utc.toLocaleString(DateTime.DATE_FULL),
            berlin.toISO(), berlin.offsetNameShort, summer.toUTC().toISO(),
            Duration.fromObject({ hours: 2, minutes: 5 }).toHuman(),
            DateTime.fromFormat('12 Feb 2020', 'd LLL yyyy').toISODate(),
        ]);
    },
};
