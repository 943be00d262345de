-- One row per flight that was scheduled to leave New York City in 2013, with what was known at its
-- scheduled departure. Nothing that is known only later (dep_time, dep_delay, arr_time, air_time)
-- is taken, but for arr_delay, which is the answer.
select
  f.carrier || f.flight || '-' || f.origin || '-' || strftime(f.time_hour at time zone 'UTC', '%Y%m%dT%H') as flight_key,
  (f.time_hour at time zone 'UTC') + to_minutes(f.minute) as scheduled_at,
  case when f.arr_delay is null then null when f.arr_delay > 15 then 1 else 0 end as late,
  f.carrier,
  f.origin,
  f.dest,
  f.hour * 60 + f.minute as departure_minute,
  (f.sched_arr_time // 100) * 60 + f.sched_arr_time % 100 as arrival_minute,
  isodow(make_date(f.year, f.month, f.day)) as weekday,
  f.distance,
  p.year as plane_year,
  p.seats,
  p.manufacturer,
  a.lat as dest_lat,
  a.lon as dest_lon,
  w.temp,
  w.dewp,
  w.humid,
  w.wind_dir,
  -- one reading of 1,048 mph (Newark, 2013-02-12) is a broken sensor
  case when w.wind_speed < 200 then w.wind_speed end as wind_speed,
  w.precip,
  w.pressure,
  w.visib
from flights f
-- An hour's weather is its last reading, taken up to 51 minutes past the hour: at departure the
-- newest that is known is that of the hour before.
left join weather w on w.origin = f.origin and w.time_hour = f.time_hour - interval 1 hour
left join planes p on p.tailnum = f.tailnum
left join airports a on a.faa = f.dest
